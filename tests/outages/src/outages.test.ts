import { checkWorld } from '@garam/tests-crash/cluster/check-world';
import { openWorld, TWO_OF_EACH } from '@garam/tests-crash/cluster/cluster-world';
import type { ClusterWorld } from '@garam/tests-crash/cluster/cluster-world';
import { keepLogs } from '@garam/tests-crash/cluster/keep-logs';
import { openKafkaReader } from '@garam/tests-crash/cluster/kafka-reader';
import type { KafkaReader } from '@garam/tests-crash/cluster/kafka-reader';
import { startLoad } from '@garam/tests-crash/load';
import { violationLines } from '@garam/tests-crash/report';
import { pause, until } from '@garam/tests-driver/deadline';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { attempt, enter, history, newId, openPair, say } from './pair.ts';
import type { Outcome, Pair } from './pair.ts';

const OUTAGE_MS = 60_000;
/** Nothing here is about speed: what is not there then will not come. */
const PATIENCE_MS = 120_000;
/** What the product promises: an answer that says "not now" comes within it. */
const REFUSAL_MS = 1_000;
const RATE_PER_SECOND = 15;

let world: ClusterWorld;
let reader: KafkaReader;

beforeAll(async () => {
  world = await openWorld({ clients: 12, ratePerSecond: RATE_PER_SECOND, seed: 1, counts: TWO_OF_EACH });
  reader = await openKafkaReader(world.cluster);
});

afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  console.error(`logs of all processes: ${await keepLogs(world.dataFolder)}`);
  // Whatever the failed test left away comes back for the next one.
  for (const server of ['kafka-0', 'cassandra-0', 'redis-0']) await world.cluster.restart(server);
});

afterAll(async () => {
  await reader?.close();
  await world?.close();
});

/**
 * Everybody sends; a server goes; `meanwhile` says what must be true then, and gives what is to happen when it is back;
 * at last all must be well.
 */
async function outage(server: string, pair: Pair, meanwhile: () => Promise<() => Promise<void>>): Promise<void> {
  await say(pair, 'before', PATIENCE_MS);
  await until(() => pair.listener.heard.length > 0, PATIENCE_MS, 'the first message at the other gateway');
  world.load.stop();
  const load = startLoad(world.clients, world.chats, RATE_PER_SECOND, world.random);
  try {
    await world.cluster.kill(server, 'SIGTERM');
    const gone = performance.now();
    const afterwards = await meanwhile();
    await pause(Math.max(0, OUTAGE_MS - (performance.now() - gone)));
    await world.cluster.restart(server);
    await afterwards();
    await say(pair, 'after', PATIENCE_MS);
    await expectAllHeard(pair);
    expect(await history(pair)).toEqual(pair.said);
    const { violations } = await checkWorld({ ...world, load }, reader);
    expect(violationLines(violations)).toEqual([]);
  } finally {
    load.stop();
    pair.speaker.connection.destroy();
    pair.listener.connection.destroy();
  }
}

/** What was acknowledged is pushed at the other gateway: each once, in order. */
async function expectAllHeard({ said, listener }: Pair): Promise<void> {
  await until(() => listener.heard.length >= said.length, PATIENCE_MS, 'every message at the other gateway');
  expect(listener.heard).toEqual(said);
}

async function chatOn(pair: Pair, count: number): Promise<void> {
  for (let number = 1; number <= count; number += 1) await say(pair, `meanwhile ${number}`, PATIENCE_MS);
}

/** Asks until the answer is this one, then again and again: it must stay so, and come at once. */
async function expectRefusals(ask: () => Promise<Outcome>, name: string): Promise<void> {
  const reached = async (): Promise<boolean> => (await ask()).name === name;
  await until(reached, PATIENCE_MS, `the answer ${name}`, 250);
  const outcomes: Outcome[] = [];
  for (let count = 0; count < 7; count += 1) {
    outcomes.push(await ask());
    await pause(100);
  }
  expect(outcomes.map((outcome) => outcome.name)).toEqual(outcomes.map(() => name));
  // The median: a busy machine may hold up any single answer.
  expect(outcomes.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b)[3]).toBeLessThan(REFUSAL_MS);
}

test('Redis away: sends are acknowledged and pushed at the other gateway, and new connections work', async () => {
  const pair = await openPair(world, 'redis');
  await outage('redis-0', pair, async () => {
    await chatOn(pair, 10);
    await expectAllHeard(pair);
    let late = await tryToEnter(pair.listener.user, 1);
    await until(
      async () => (late ??= await tryToEnter(pair.listener.user, 1)) !== null,
      PATIENCE_MS,
      'a connection',
      250,
    );
    await chatOn(pair, 3);
    await expectAllHeard(pair);
    await until(() => late!.heard.length >= 3, PATIENCE_MS, 'pushes to the new connection');
    expect(late!.heard).toEqual(pair.said.slice(-3));
    late!.connection.destroy();
    return async () => {};
  });
});

/** On another device; null when the gateway would not have it. */
async function tryToEnter(user: string, gateway: number) {
  const device = { tokens: world.tokens };
  return enter(device, user, world.cluster.gateways()[gateway]!).catch(() => null);
}

test('Cassandra away: warm chats go on, a retry holds up its own chat alone, reads and connections are refused at once', async () => {
  const pair = await openPair(world, 'cassandra');
  const other = await openPair(world, 'cassandra-retry');
  await say(other, 'before', PATIENCE_MS);
  await outage('cassandra-0', pair, async () => {
    const retried = say(other, 'looked up', PATIENCE_MS, 2);
    retried.catch(() => undefined);
    await chatOn(pair, 10);
    await expectAllHeard(pair);
    const ask = { t: 'history', chat: pair.chat, limit: 50 };
    await expectRefusals(() => attempt(pair.speaker, ask), 'unavailable');
    await expectRefusals(() => newConnection(pair.listener.user), 'unavailable');
    return async () => {
      await retried;
      await expectAllHeard(other);
      expect(await history(other)).toEqual(other.said);
    };
  });
  other.speaker.connection.destroy();
  other.listener.connection.destroy();
});

async function newConnection(user: string): Promise<Outcome> {
  const begun = performance.now();
  try {
    (await enter(world, user, world.cluster.gateways()[0]!)).connection.destroy();
    return { name: 'ok', frame: null, tookMs: performance.now() - begun };
  } catch (error) {
    const name = /refused: \d+ (\S+)/.exec((error as Error).message)?.[1] ?? (error as Error).message;
    return { name, frame: null, tookMs: performance.now() - begun };
  }
}

test('Kafka away: sends are refused at once, reads go on, and what clients kept arrives once when it is back', async () => {
  const pair = await openPair(world, 'kafka');
  await outage('kafka-0', pair, async () => {
    const message = { t: 'message.send', chat: pair.chat, kind: 'text', text: 'kept', clientId: newId() };
    let number = 0;
    const tryAgain = (): Promise<Outcome> => attempt(pair.speaker, { ...message, attempt: ++number });
    await expectRefusals(tryAgain, 'unavailable');
    expect(await history(pair)).toEqual(pair.said);
    return async () => {
      await until(async () => (await tryAgain()).name === 'ok', PATIENCE_MS, 'what was kept is acknowledged', 250);
      pair.said.push(message.text);
    };
  });
});
