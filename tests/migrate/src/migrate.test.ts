import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterOptions } from '@garam/cluster/cluster-options';
import { removeCluster, startCluster, type Cluster } from '@garam/cluster/start-cluster';
import { defaultCacheFolder } from '@garam/stack/stack-options';
import { until } from '@garam/tests-driver/deadline';
import { devTokens, signedTokens } from '@garam/tests-driver/dev-token';
import { startEmbeddedServer, type RunningServer } from '@garam/tests-driver/embedded-server';
import type { Cursor, Frame } from '@garam/tests-driver/garam-connection';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { enter, type Person } from './people.ts';
import { cursorsOf, populate, talk, userNames, type Population, type Sent } from './populate.ts';
import { runGaram } from './run-garam.ts';
import { snapshotOf } from './snapshot.ts';

const NONE = { gateway: 0, api: 0, sequencer: 0, persister: 0, fanout: 0, receipts: 0 };
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
  server = await startEmbeddedServer({ dataFolder, env: { GARAM_LIMITS: 'off' } });
  before = await live(server);
  const options: ClusterOptions = {
    counts: NONE,
    edges: [],
    servers: { kafka: 1, cassandra: 1, redis: 1, partitions: 8, cacheFolder: defaultCacheFolder() },
    dataFolder: clusterFolder,
    environment: { GARAM_LOG_LEVEL: 'warn', GARAM_LIMITS: 'off' },
  };
  const { addresses } = await startCluster(options);
  const moved = await runGaram('migrate', '--from', dataFolder, '--to-log', addresses['GARAM_LOG']!, '--to-store', addresses['GARAM_STORE']!);
  output = moved.output;
  expect(moved.code, output).toBe(0);
  cluster = await startCluster({
    ...options,
    counts: { gateway: 2, api: 1, sequencer: 2, persister: 1, fanout: 1, receipts: 1 },
  });
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
  for (const person of [people[2]!, writer, people[6]!]) snapshots.set(person.user, await quietSnapshot(person));
  const created = await writer.connection.command({ t: 'chat.create', kind: 'group', members: [people[3]!.user], clientId: 'hurried' });
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
    const { connection } = await arrive(by);
    const message = { t: 'message.send', chat, kind: 'text', text };
    expect(await connection.command({ ...message, clientId, attempt: 2 })).toMatchObject({ duplicate: true, seq, rev });
    const { chat: summary } = await connection.command({ t: 'chat.get', chat });
    const next = await connection.command({ ...message, clientId: `next-${clientId}` });
    expect(next).toMatchObject({ seq: summary.head.seq + 1, rev: summary.head.rev + 1 });
    connection.close();
  }
});

test('what was on its way when the old server died is settled: each is there once, answers stand', async () => {
  const { chat, clientIds, answered } = before.hurried;
  const writer = await arrive(before.population.people[0]!.user);
  for (const clientId of clientIds) {
    const answer = await writer.connection.command({ t: 'message.send', chat, kind: 'text', text: clientId, clientId, attempt: 2 });
    const known = answered.get(clientId);
    if (known !== undefined) expect(answer).toMatchObject({ ...known, duplicate: true });
  }
  const { messages } = await writer.connection.command({ t: 'history', chat, limit: 100 });
  expect((messages as Frame[]).map((message) => message['clientId']).toSorted()).toEqual(clientIds.toSorted());
  writer.connection.close();
});

test('blocks and preferences hold', async () => {
  const [ann, ben] = [before.population.people[0]!.user, before.population.people[1]!.user];
  const blocked = await arrive(before.population.people[6]!.user);
  const created = await blocked.connection.command({ t: 'chat.create', kind: 'direct', members: [ann], clientId: 'direct' });
  const message = { t: 'message.send', chat: created['chat'].chat, kind: 'text', text: 'x', clientId: 'blocked' };
  await expect(blocked.connection.command(message)).rejects.toThrow('blocked');
  const { chats } = await (await arrive(ben)).connection.command({ t: 'chats.list', limit: 100 });
  expect((chats as Frame[]).filter((summary) => summary['muted']).length).toBeGreaterThan(3);
});

test('the old folder is not started again', async () => {
  await expect(startEmbeddedServer({ dataFolder })).rejects.toThrow('were moved to another log');
});

test('moving it again finds nothing to do', async () => {
  const { addresses } = cluster;
  const again = await runGaram('migrate', '--from', dataFolder, '--to-log', addresses['GARAM_LOG']!, '--to-store', addresses['GARAM_STORE']!);
  expect(again).toMatchObject({ code: 0 });
  expect(again.output).toContain('nothing was done');
});
