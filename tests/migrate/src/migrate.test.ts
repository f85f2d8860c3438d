import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toEventRecord } from '@garam/contracts/log-records';
import type { EventRecord } from '@garam/contracts/event-record';
import { partitionOf } from '@garam/contracts/partition-of';
import { deadLetterTopic, TOPICS } from '@garam/contracts/topics';
import { toDeadLetter } from '@garam/eventlog/dead-letter';
import type { ClusterOptions } from '@garam/cluster/cluster-options';
import { removeCluster, startCluster, type Cluster } from '@garam/cluster/start-cluster';
import { defaultCacheFolder } from '@garam/stack/stack-options';
import { until } from '@garam/tests-driver/deadline';
import { devTokens, signedTokens } from '@garam/tests-driver/dev-token';
import { startEmbeddedServer, type RunningServer } from '@garam/tests-driver/embedded-server';
import type { Cursor, Frame } from '@garam/tests-driver/garam-connection';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enter, settle, type Person } from './people.ts';
import { cursorsOf, populate, talk, userNames, type Population, type Sent } from './populate.ts';
import { openLog, type OpenLog } from './open-log.ts';
import { runGaram } from './run-garam.ts';
import { snapshotOf } from './snapshot.ts';

const NONE = { gateway: 0, api: 0, sequencer: 0, persister: 0, fanout: 0, receipts: 0 };
/** So that a run that is too slow shows where. */
const startedMs = performance.now();
const stage = (what: string): void => console.log(`${((performance.now() - startedMs) / 1_000).toFixed(1)} s: ${what}`);
const root = mkdtempSync(join(tmpdir(), 'garam-move-'));
const dataFolder = join(root, 'old');
const clusterFolder = join(root, 'cluster');

/** What the old server knew, and what clients remember of it. */
interface Before {
  log: string;
  population: Population;
  snapshots: Map<string, Record<string, string[]>>;
  /** Of somebody who left before the last messages. */
  cursors: Cursor[];
  /** Sent while the server was killed: answered or not. */
  hurried: { chat: string; clientIds: string[]; answered: Map<string, { seq: number; rev: number }> };
}

let server: RunningServer | undefined;
let before: Before;
let cluster: Cluster;
let output: string;

beforeAll(async () => {
  server = await startEmbeddedServer({ dataFolder, env: { GARAM_LIMITS: 'off' }, readyDeadlineMs: 120_000 });
  before = await live(server);
  stage('the old server has lived and died');
  const options: ClusterOptions = {
    counts: NONE,
    edges: [],
    servers: { kafka: 1, cassandra: 1, redis: 1, partitions: 8, cacheFolder: defaultCacheFolder() },
    dataFolder: clusterFolder,
    environment: { GARAM_LOG_LEVEL: 'warn', GARAM_LIMITS: 'off' },
  };
  const { addresses } = await startCluster(options);
  stage('servers are up');
  const moved = await runGaram(moveTo(addresses));
  output = moved.output;
  stage('moved');
  expect(moved).toMatchObject({ code: 0 });
  cluster = await startCluster({
    ...options,
    counts: { gateway: 2, api: 1, sequencer: 1, persister: 1, fanout: 1, receipts: 1 },
  });
  stage('services are up');
});

afterAll(async () => {
  await server?.kill();
  await removeCluster(clusterFolder);
  rmSync(root, { recursive: true, force: true });
});

/** The life of the old server, up to its sudden end. */
async function live(server: RunningServer): Promise<Before> {
  const tokens = devTokens(server.url);
  const people: Person[] = [];
  for (const user of userNames()) people.push(await enter(server.url, tokens, { user }));
  const population = await populate(people);
  const [leaver, writer] = [people[1]!, people[0]!];
  const cursors = await cursorsOf(leaver);
  leaver.connection.close();
  for (const { chat, members } of population.chats.filter(({ members: all }) => all.includes(leaver.user)).slice(0, 5))
    await talk({ ...population, people }, chat, { members: members.filter((user) => user !== leaver.user), count: 20 });
  const snapshots = new Map<string, Record<string, string[]>>();
  for (const person of [people[2]!, people[4]!, people[6]!]) snapshots.set(person.user, await quietSnapshot(person));
  const created = await writer.connection.command({
    t: 'chat.create',
    kind: 'group',
    members: [people[3]!.user],
    clientId: 'hurried',
  });
  const hurried: Before['hurried'] = { chat: created['chat'].chat, clientIds: [], answered: new Map() };
  for (let index = 0; index < 30; index++) {
    const clientId = `hurried-${index}`;
    hurried.clientIds.push(clientId);
    void writer.connection
      .command({ t: 'message.send', chat: hurried.chat, kind: 'text', text: clientId, clientId })
      .then(({ seq, rev }) => hurried.answered.set(clientId, { seq, rev }))
      .catch(() => undefined);
  }
  await until(() => hurried.answered.size > 0, 10_000, 'the first answer', 1);
  await server.kill();
  for (const person of people) person.connection.destroy();
  return { log: writer.hello['log'] as string, population, snapshots, cursors, hurried };
}

/** The same twice: everything that was on its way has arrived. */
async function quietSnapshot(person: Person): Promise<Record<string, string[]>> {
  let last = await snapshotOf(person);
  await until(
    async () => {
      const now = await snapshotOf(person);
      const isQuiet = JSON.stringify(now) === JSON.stringify(last);
      last = now;
      return isQuiet;
    },
    30_000,
    'nothing changes any more',
    300,
  );
  return last;
}

const moveTo = ({ GARAM_LOG, GARAM_STORE }: Record<string, string>): string[] =>
  `migrate --from ${dataFolder} --to-log ${GARAM_LOG} --to-store ${GARAM_STORE}`.split(' ');

async function arrive(user: string, open?: readonly Cursor[]): Promise<Person> {
  const url = cluster.gateways()[0]!;
  return enter(url, signedTokens(cluster.jwtSecret), { user, ...(open === undefined ? {} : { open }) });
}

const eventsOf = ({ pushes }: Person, chat: string): Frame[] =>
  pushes.filter((push) => push.t === 'event' && push['chat'] === chat);

test('everything was moved, read back and found equal', () => {
  expect(before.population.sent.length).toBeGreaterThan(4_700);
  expect(output).toContain('Everything is there and equal');
  console.log(output);
});

test('everybody reads what they read before, byte for byte, under the same log', async () => {
  for (const [user, snapshot] of before.snapshots) {
    const person = await arrive(user);
    expect(person.hello['log']).toBe(before.log);
    expect(await snapshotOf(person)).toEqual(snapshot);
    person.connection.close();
  }
});

test('a client goes on from its old cursors: the missing events, dense, no reset', async () => {
  const { user } = before.population.people[1]!;
  const heads = new Map((await cursorsOf(await arrive(user))).map((cursor) => [cursor.chat, cursor]));
  const back = await arrive(user, before.cursors);
  let missing = 0;
  for (const { chat, rev } of before.cursors) {
    const head = heads.get(chat)!;
    await until(() => eventsOf(back, chat).length >= head.rev - rev, 10_000, 'what was missed');
    expect(eventsOf(back, chat).map((event) => event['rev'])).toEqual(
      Array.from({ length: head.rev - rev }, (_, index) => rev + 1 + index),
    );
    missing += head.rev - rev;
  }
  expect(missing).toBe(100);
  expect(back.pushes.filter(({ t }) => t === 'reset' || t === 'behind' || t === 'chat.removed')).toEqual([]);
  back.connection.close();
});

test('what was answered before is a duplicate with the same seq and rev; the next message counts on', async () => {
  const last = new Map<string, Sent>();
  for (const sent of before.population.sent) last.set(sent.chat, sent);
  for (const { by, chat, text, clientId, seq, rev } of [...last.values()].slice(0, 12)) {
    const sender = await arrive(by);
    const message = { t: 'message.send', chat, kind: 'text', text };
    expect(await settle(sender, { ...message, clientId, attempt: 2 })).toMatchObject({ duplicate: true, seq, rev });
    const { chat: summary } = await sender.connection.command({ t: 'chat.get', chat });
    const next = await settle(sender, { ...message, clientId: `next-${clientId}` });
    expect(next).toMatchObject({ seq: summary.head.seq + 1, rev: summary.head.rev + 1 });
    sender.connection.close();
  }
});

test('what was on its way when the old server died is settled: each is there once, answers stand', async () => {
  const { chat, clientIds, answered } = before.hurried;
  const writer = await arrive(before.population.people[0]!.user);
  for (const clientId of clientIds) {
    const answer = await settle(writer, {
      t: 'message.send',
      chat,
      kind: 'text',
      text: clientId,
      clientId,
      attempt: 2,
    });
    const known = answered.get(clientId);
    expect(answer).toMatchObject(known === undefined ? { t: 'ok' } : { ...known, duplicate: true });
  }
  const { messages } = await writer.connection.command({ t: 'history', chat, limit: 100 });
  const found = (messages as Frame[]).map((message) => message['clientId'] as string);
  expect(found).toHaveLength(clientIds.length);
  expect(new Set(found)).toEqual(new Set(clientIds));
  writer.connection.close();
});

test('blocks and preferences hold', async () => {
  const [ann, ben] = [before.population.people[0]!.user, before.population.people[1]!.user];
  const blocked = await arrive(before.population.people[6]!.user);
  const created = await settle(blocked, { t: 'chat.create', kind: 'direct', members: [ann], clientId: 'direct' });
  const message = { t: 'message.send', chat: created['chat'].chat, kind: 'text', text: 'x', clientId: 'blocked' };
  await expect(settle(blocked, message)).rejects.toThrow('blocked');
  const { chats } = await (await arrive(ben)).connection.command({ t: 'chats.list', limit: 100 });
  expect((chats as Frame[]).filter((summary) => summary['muted']).length).toBeGreaterThan(3);
});

test('the old folder is not started again', async () => {
  const ended = await runGaram(['start'], { GARAM_DATA: dataFolder, GARAM_PORT: '0' });
  expect(ended.code).toBe(78);
  expect(ended.output).toContain('were moved to another log');
});

test('moving it again finds nothing to do', async () => {
  const { addresses } = cluster;
  const again = await runGaram(moveTo(addresses));
  expect(again).toMatchObject({ code: 0 });
  expect(again.output).toContain('nothing was done');
});

describe('dead letters of the cluster', () => {
  const log = () => cluster.addresses['GARAM_LOG']!;
  const dlq = async (...args: string[]): Promise<string> => {
    const ended = await runGaram(['dlq', ...args, '--log', log()]);
    expect(ended).toMatchObject({ code: 0 });
    return ended.output;
  };
  let open: OpenLog;
  beforeAll(async () => {
    open = await openLog(log());
  });
  afterAll(() => open.close());

  test('are listed and shown, and what can be read by now takes effect when it is replayed', async () => {
    const { chat, by } = before.population.sent[0]!;
    const partition = partitionOf(chat, open.log.partitions);
    await open.log.append(TOPICS.events, { partition, key: chat, value: new Uint8Array([9, 0xfe]) });
    const isBuried = async (): Promise<boolean> => {
      const list = await dlq('list');
      return list.includes(`${TOPICS.events}.persister.dlq`) && list.includes(`${TOPICS.events}.fanout.dlq`);
    };
    await until(isBuried, 50_000, 'both consumers have put it away', 500);
    expect(await dlq('show', '--group', 'persister')).toContain('2 bytes: 09fe');

    const reader = await arrive(by);
    const { head, messages } = await reader.connection.command({ t: 'history', chat, around: 5, limit: 1 });
    const edit: EventRecord = {
      chat,
      rev: head.rev,
      seq: head.seq,
      clock: (Date.now() + 60_000) * 1_000,
      by: messages[0].by,
      body: { type: 'message.edited', seq: 5, text: 'repaired' },
    };
    const unread = { ...toEventRecord(edit, partition), topic: TOPICS.events, offset: 1, timestamp: 1 };
    await open.log.append(deadLetterTopic(TOPICS.events, 'persister'), toDeadLetter(unread, 'undecodable'));
    expect(await dlq('show', '--group', 'persister')).toContain('decodable now');
    expect(await dlq('replay', '--group', 'persister', '--all')).toContain('2 replayed.');
    const text = async (): Promise<unknown> =>
      (await reader.connection.command({ t: 'history', chat, around: 5, limit: 1 }))['messages'][0].text;
    await until(async () => (await text()) === 'repaired', 20_000, 'the edit', 200);
    expect(await dlq('replay', '--group', 'persister', '--all')).toMatch(/\b[01] replayed\./);
    reader.connection.close();
  });
});
