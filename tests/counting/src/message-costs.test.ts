import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeCluster, startCluster, type Cluster } from '@garam/cluster/start-cluster';
import { defaultCacheFolder } from '@garam/stack/stack-options';
import { eachLimited, until } from '@garam/tests-driver/deadline';
import { signedTokens } from '@garam/tests-driver/dev-token';
import { connectGaram, type GaramConnection } from '@garam/tests-driver/garam-connection';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { difference, sumOf, workWhenQuiet, type Work, type WorkOf } from './work-done.ts';

const GATEWAYS = 2;
const SIZES = [2, 50, 1_000];
/** Members that are connected, spread over the gateways: as many as there are in a small group. */
const ONLINE_MAX = 40;
const MESSAGES = 200;
const READERS = 2;
/** By how much two sizes may differ, per message: batches do not fall on the same messages twice. */
const TOLERANCE = 0.5;
const ENTRIES_TOLERANCE = 0.05;

const dataFolder = mkdtempSync(join(tmpdir(), 'garam-counting-'));
const costs = new Map<number, { ofMessages: WorkOf; ofReceipts: WorkOf }>();
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({
    counts: { gateway: GATEWAYS, api: 0, sequencer: 1, persister: 1, fanout: 1, receipts: 1 },
    edges: [],
    servers: { kafka: 1, cassandra: 1, redis: 1, partitions: 2, cacheFolder: defaultCacheFolder() },
    dataFolder,
    environment: { GARAM_LOG_LEVEL: 'warn', GARAM_LIMITS: 'off' },
  });
  for (const size of SIZES) costs.set(size, await measure(size));
  for (const line of table()) console.log(line);
});
afterAll(() => removeCluster(dataFolder));

const ofMessages = (size: number, of: keyof Work): number => sumOf(costs.get(size)!.ofMessages, of) / MESSAGES;
const ofReceipts = (size: number, of: keyof Work): number => sumOf(costs.get(size)!.ofReceipts, of) / READERS;

test('a message costs one bus entry for each gateway that has members online, however many members there are', () => {
  for (const size of SIZES) expect(Math.abs(ofMessages(size, 'busEntries') - GATEWAYS)).toBeLessThan(ENTRIES_TOLERANCE);
});

test('a message costs as many rows of the store in a big chat as in a small one, in no more statements', () => {
  const [smallest] = SIZES as [number];
  expect(ofMessages(smallest, 'rows')).toBeGreaterThan(3);
  expect(ofMessages(smallest, 'statements')).toBeGreaterThan(0);
  for (const size of SIZES) {
    expect(Math.abs(ofMessages(size, 'rows') - ofMessages(smallest, 'rows'))).toBeLessThan(TOLERANCE);
    expect(ofMessages(size, 'statements')).toBeLessThan(ofMessages(smallest, 'statements') + TOLERANCE);
  }
});

test('a receipt costs as much in a big chat as in a small one, and is no part of what a message costs', () => {
  const smallest = ofReceipts(SIZES[0]!, 'rows');
  expect(smallest).toBeGreaterThan(0);
  for (const size of SIZES) expect(ofReceipts(size, 'rows')).toBe(smallest);
  for (const size of SIZES)
    expect(costs.get(size)!.ofMessages.get('receipts')).toMatchObject({ rows: 0, busEntries: 0 });
});

/** A group of this size: its messages one after the other, then, apart from them, what reading them costs. */
async function measure(size: number): Promise<{ ofMessages: WorkOf; ofReceipts: WorkOf }> {
  const users = Array.from({ length: size }, (_, i) => `of${size}-${i}`);
  const online = users.slice(0, ONLINE_MAX);
  const connections: GaramConnection[] = [];
  await eachLimited(online, 8, async (user, i) => {
    const token = await signedTokens(cluster.jwtSecret).token(user);
    connections[i] = await connectGaram({
      url: cluster.gateways()[i % GATEWAYS]!,
      token,
      device: 'd',
      deadlineMs: 30_000,
    });
  });
  try {
    const [sender] = connections as [GaramConnection];
    const chat = await createGroup(sender, users);
    await sendAll(sender, chat, 20, 'warm');
    const before = await workWhenQuiet(cluster);
    const seq = await sendAll(sender, chat, MESSAGES, 'counted');
    const sent = await workWhenQuiet(cluster);
    for (const reader of connections.slice(0, READERS)) await reader.command({ t: 'read', chat, seq }, 30_000);
    const received = await receiptsWritten(sent);
    return { ofMessages: difference(sent, before), ofReceipts: difference(received, sent) };
  } finally {
    for (const connection of connections) connection.close();
  }
}

/** Receipts wait for a window in the gateway before anything is written. */
async function receiptsWritten(before: WorkOf): Promise<WorkOf> {
  let now = before;
  const isWritten = async (): Promise<boolean> => {
    now = await workWhenQuiet(cluster);
    return now.get('receipts')!.rows > before.get('receipts')!.rows;
  };
  await until(isWritten, 60_000, 'the receipts are written');
  return now;
}

async function createGroup(owner: GaramConnection, users: readonly string[]): Promise<string> {
  const [, ...others] = users;
  const created = await owner.command(
    {
      t: 'chat.create',
      clientId: `create-${users.length}`,
      kind: 'group',
      title: 'counted',
      members: others.slice(0, 99),
    },
    30_000,
  );
  const chat = String(created['chat'].chat);
  for (let from = 99; from < others.length; from += 100) {
    const batch = others.slice(from, from + 100);
    await owner.command({ t: 'member.add', chat, clientId: `add-${users.length}-${from}`, users: batch }, 30_000);
  }
  return chat;
}

/** One after the other, so that batches are alike whatever the size of the chat. @returns the last one's seq */
async function sendAll(sender: GaramConnection, chat: string, count: number, name: string): Promise<number> {
  let seq = 0;
  for (let i = 0; i < count; i += 1) {
    const message = { t: 'message.send', chat, clientId: `${name}-${chat}-${i}`, kind: 'text', text: `${name} ${i}` };
    seq = Number((await sender.command(message, 30_000))['seq']);
  }
  return seq;
}

function table(): string[] {
  const cell = (value: number): string => value.toFixed(2).padStart(12);
  const heading = [
    'members'.padStart(8),
    ...['statements', 'rows', 'bus entries'].map((name) => name.padStart(12)),
  ].join('');
  const line = (size: number, work: WorkOf, count: number): string =>
    `${String(size).padStart(8)}${(['statements', 'rows', 'busEntries'] as const)
      .map((of) => cell(sumOf(work, of) / count))
      .join('')}`;
  return [
    `per message, ${GATEWAYS} gateways, without receipts`,
    heading,
    ...SIZES.map((size) => line(size, costs.get(size)!.ofMessages, MESSAGES)),
    'per receipt',
    heading,
    ...SIZES.map((size) => line(size, costs.get(size)!.ofReceipts, READERS)),
  ];
}
