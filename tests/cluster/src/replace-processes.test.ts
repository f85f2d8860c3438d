import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterOptions } from '@garam/cluster/cluster-options';
import { processFolders, removeCluster, startCluster, type Cluster } from '@garam/cluster/start-cluster';
import { runningPid } from '@garam/stack/server-process';
import { defaultCacheFolder } from '@garam/stack/stack-options';
import { pause, until } from '@garam/tests-driver/deadline';
import { signedTokens } from '@garam/tests-driver/dev-token';
import { CommandRefused, connectGaram, type Frame, type GaramConnection } from '@garam/tests-driver/garam-connection';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

/** Longer than a session of the group, a second owner's start and a slow machine together. */
const TAKEN_OVER_MS = 180_000;
const dataFolder = mkdtempSync(join(tmpdir(), 'garam-cluster-'));
const servers = { kafka: 1, cassandra: 1, redis: 1, partitions: 4, cacheFolder: defaultCacheFolder() };
const options: ClusterOptions = {
  counts: { gateway: 2, api: 1, sequencer: 2, persister: 2, fanout: 2, receipts: 1 },
  edges: [],
  servers,
  dataFolder,
  environment: { GARAM_LOG_LEVEL: 'warn', GARAM_HEARTBEAT_INTERVAL_MS: '45000', GARAM_HEARTBEAT_TIMEOUT_MS: '14000' },
};
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster(options);
});
afterAll(() => removeCluster(dataFolder));

interface Person {
  user: string;
  connection: GaramConnection;
  pushes: Frame[];
}

async function enter(
  name: string,
  gateway: number,
  user = `${name}-${randomBytes(4).toString('hex')}`,
): Promise<Person> {
  let pushes: Frame[] = [];
  const token = await signedTokens(cluster.jwtSecret).token(user);
  const url = cluster.gateways()[gateway]!;
  const connection = await persistently(`hello of ${user}`, () => {
    const own: Frame[] = (pushes = []);
    return connectGaram({ url, token, device: `${name}-device`, onPush: (push) => own.push(push) });
  });
  onTestFinished(() => connection.destroy());
  return { user, connection, pushes };
}

/** Two people of one chat, each at another gateway. */
async function pair(): Promise<{ alice: Person; bob: Person; chat: string }> {
  const alice = await enter('alice', 0);
  const bob = await enter('bob', 1);
  const created = await command(alice, { t: 'chat.create', kind: 'group', members: [bob.user] });
  return { alice, bob, chat: created['chat'].chat as string };
}

const send = (person: Person, chat: string, text: string): Promise<Frame> =>
  command(person, { t: 'message.send', chat, kind: 'text', text });

/** Until it is acknowledged, as a client's outbox does it: the same clientId, a higher attempt. */
async function command(person: Person, fields: { t: string } & Record<string, unknown>): Promise<Frame> {
  const clientId = randomBytes(8).toString('hex');
  return persistently(fields.t, (attempt) =>
    person.connection.command({ ...fields, clientId, ...(attempt > 1 ? { attempt } : {}) }, 15_000),
  );
}

/** What a client does with temporary failures: again, a little later. */
async function persistently<T>(what: string, work: (attempt: number) => Promise<T>): Promise<T> {
  const end = performance.now() + TAKEN_OVER_MS;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (error instanceof CommandRefused && !error.temporary) throw error;
      if (performance.now() > end) throw new Error(`${what}: not within ${TAKEN_OVER_MS} ms`, { cause: error });
      await pause(250);
    }
  }
}

const texts = ({ pushes }: Person) =>
  pushes
    .filter(({ t, type }) => t === 'event' && type === 'message.created')
    .map(({ message }) => message.text as string);

const history = async (person: Person, chat: string): Promise<[number, string][]> => {
  const token = await signedTokens(cluster.jwtSecret).token(person.user);
  const answer = await fetch(`${cluster.apis()[0]}/v1/history`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ chat, after: 0, limit: 100 }),
  });
  const { messages = [] } = (await answer.json()) as { messages?: { seq: number; text: string }[] };
  return messages.map(({ seq, text }) => [seq, text]);
};

/** Everything sent arrived at the other gateway, and is kept: each once, in order, without a hole. */
async function expectAllThere(sent: readonly string[], reader: Person, chat: string): Promise<void> {
  await until(() => texts(reader).length >= sent.length, TAKEN_OVER_MS, 'every message at the other gateway', 50);
  expect(texts(reader)).toEqual(sent);
  const wanted = sent.map((text, index) => [index + 1, text]);
  let kept: [number, string][] = [];
  const isKept = async () => (kept = await history(reader, chat)).length >= sent.length;
  await until(isKept, TAKEN_OVER_MS, 'every message in the history', 100);
  expect(kept).toEqual(wanted);
}

describe('people at different gateways', () => {
  test('see each other’s messages, in one order, and find them over HTTP', async () => {
    const { alice, bob, chat } = await pair();
    const sent = ['one', 'two', 'three'];
    for (const text of sent) await send(alice, chat, text);
    await send(bob, chat, 'four');
    await expectAllThere([...sent, 'four'], bob, chat);
  });
});

describe('a process that is killed', () => {
  test.each(['sequencer', 'persister', 'fanout'])('%s: the other one takes over, and nothing is lost', async (name) => {
    const { alice, bob, chat } = await pair();
    await send(alice, chat, 'before');
    await cluster.kill(`${name}-0`, 'SIGKILL');
    expect(cluster.pid(`${name}-0`)).toBeUndefined();
    const sent = ['before'];
    for (let count = 1; count <= 5; count++) {
      await send(alice, chat, `after ${count}`);
      sent.push(`after ${count}`);
    }
    await expectAllThere(sent, bob, chat);
    await cluster.restart(`${name}-0`);
    expect(cluster.pid(`${name}-0`)).toBeGreaterThan(0);
    await send(alice, chat, 'with both again');
    await expectAllThere([...sent, 'with both again'], bob, chat);
  });

  test('gateway: its people go on at another', async () => {
    const { alice, bob, chat } = await pair();
    await send(alice, chat, 'before');
    await cluster.kill('gateway-0', 'SIGKILL');
    const again = await enter('alice', 1, alice.user);
    await send(again, chat, 'from the other gateway');
    await cluster.restart('gateway-0');
    await expectAllThere(['before', 'from the other gateway'], bob, chat);
  });
});

describe('a process that is told to end', () => {
  test('sequencer: hands its partitions over, and nothing is lost', async () => {
    const { alice, bob, chat } = await pair();
    await send(alice, chat, 'before');
    await cluster.kill('sequencer-1', 'SIGTERM');
    const sent = ['before'];
    for (let count = 1; count <= 5; count++) {
      await send(alice, chat, `after ${count}`);
      sent.push(`after ${count}`);
    }
    await cluster.restart('sequencer-1');
    await expectAllThere(sent, bob, chat);
  });
});

describe('Kafka away', () => {
  test('consumers say that they cannot work, and go on by themselves when it is back', async () => {
    const { alice, bob, chat } = await pair();
    await send(alice, chat, 'before');
    const statuses = async () =>
      Promise.all(
        cluster.processes
          .filter(({ service }) => service !== 'gateway' && service !== 'api')
          .map(async ({ healthUrl }) => (await fetch(`${healthUrl}/readyz`)).status),
      );
    const allSay = (status: number) => async () => (await statuses()).every((each) => each === status);
    await cluster.kill('kafka-0', 'SIGKILL');
    await until(allSay(503), TAKEN_OVER_MS, 'every consumer not ready', 100);
    expect(texts(bob)).toEqual(['before']);
    await cluster.restart('kafka-0');
    await send(alice, chat, 'after');
    await expectAllThere(['before', 'after'], bob, chat);
    await until(allSay(200), TAKEN_OVER_MS, 'every consumer ready', 100);
  });
});

describe('the cluster', () => {
  test('that does not come up tells why, and leaves nothing running', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'garam-cluster-'));
    onTestFinished(() => removeCluster(folder));
    const broken = startCluster({
      ...options,
      counts: { gateway: 1, api: 0, sequencer: 1, persister: 0, fanout: 0, receipts: 0 },
      servers: { ...servers, kafka: 0, cassandra: 0, redis: 0 },
      dataFolder: folder,
      environment: { ...cluster.addresses, GARAM_ROUTE_LEASE_MS: 'long' },
    });
    await expect(broken).rejects.toThrow(/GARAM_ROUTE_LEASE_MS/);
    expect(processFolders(folder).filter((each) => runningPid(each) !== undefined)).toEqual([]);
  });

  test('ends every process it has started', async () => {
    const names = [...cluster.processes.map(({ name }) => name), 'kafka-0', 'cassandra-0', 'redis-0'];
    const pids = names.map((name) => cluster.pid(name)!);
    await cluster.stop();
    const areGone = () => !pids.some((pid) => existsSync(`/proc/${pid}`));
    await until(areGone, 10_000, 'no process of the cluster', 50);
  });
});
