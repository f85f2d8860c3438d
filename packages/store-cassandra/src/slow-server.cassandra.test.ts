import type { Store } from '@garam/store/store';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { openTestStore, optionsFor } from './testing/open-test-store.ts';
import { readOutcome, untilReadsAre } from './testing/read-outcome.ts';
import { openTcpProxy, type TcpProxy } from './testing/tcp-proxy.ts';

const T = 1_795_000_000_000_000;
const EACH_MS = 120_000;

let proxy: TcpProxy;
let store: Store;

beforeEach(async () => {
  const [address] = optionsFor(inject('stack').store!).contactPoints;
  proxy = await openTcpProxy(address!);
  store = await openTestStore({ contactPoints: [proxy.address], readDeadlineMs: 1_500, writeDeadlineMs: 3_000 });
}, EACH_MS);

afterEach(async () => {
  await store.close();
  await proxy.close();
});

const messagesOf = (chat: string) =>
  Array.from({ length: 50 }, (_, index) => ({
    chat,
    seq: index + 1,
    rev: index + 2,
    clock: T + index,
    by: 'alice',
    clientId: `k${index}`,
    kind: 'text' as const,
    text: 'hello',
  }));

test(
  'answers that are slow or come in pieces are answers',
  async () => {
    const chat = `chat-${randomUUID()}`;
    proxy.delay(30);
    await store.writes.putMessages(messagesOf(chat));
    expect(await store.reads.messages(chat, 1, 50)).toHaveLength(50);
    proxy.delay(0);
    proxy.trickle(64);
    expect(await store.reads.messages(chat, 1, 50)).toEqual(messagesOf(chat));
  },
  EACH_MS,
);

test(
  'a server slower than the deadline: reads fail, then are refused at once, and are answered again when it is quick',
  async () => {
    proxy.delay(20_000);
    expect(await readOutcome(store)).toBe('failed');
    await untilReadsAre(store, 'refused');
    proxy.delay(0);
    proxy.cut();
    await untilReadsAre(store, 'answered');
  },
  EACH_MS,
);

test(
  'connections that carry nothing any more without having ended are found out and replaced',
  async () => {
    await untilReadsAre(store, 'answered');
    proxy.strand();
    expect(await readOutcome(store)).toBe('failed');
    await untilReadsAre(store, 'answered');
  },
  EACH_MS,
);

test(
  'connections that are cut under writes cost nothing that was acknowledged, and writing goes on',
  async () => {
    const chat = `chat-${randomUUID()}`;
    const acknowledged: number[] = [];
    const rows = messagesOf(chat);
    for (const [index, row] of rows.entries()) {
      if (index % 10 === 5) proxy.cut();
      const isDone = await store.writes.putMessages([row]).then(
        () => true,
        () => false,
      );
      if (isDone) acknowledged.push(row.seq);
      else await untilReadsAre(store, 'answered');
    }
    await untilReadsAre(store, 'answered');
    const stored = new Set((await store.reads.messages(chat, 1, 50)).map(({ seq }) => seq));
    expect(acknowledged.filter((seq) => !stored.has(seq))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(20);
  },
  EACH_MS,
);
