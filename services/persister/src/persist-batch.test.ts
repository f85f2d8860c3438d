import type { EventRecord } from '@garam/contracts/event-record';
import { openSqlite } from '@garam/sqlite/open-sqlite';
import { createSqliteStore } from '@garam/store-sqlite/sqlite-store';
import type { Store } from '@garam/store/store';
import type { ViewWrites } from '@garam/store/view-writes';
import { createManualClock } from '@garam/testkit/manual-clock';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { persistBatch, persistPhases, type Phase } from './persist-batch.ts';
import { chatHistory } from './testing/chat-history.ts';
import { readEverything } from './testing/read-everything.ts';

const HISTORY = chatHistory('c1');
let store: Store;

beforeEach(() => {
  store = createSqliteStore(openSqlite(':memory:', { clock: createManualClock() }));
});

afterEach(() => store.close());

async function persistInBatches(events: readonly EventRecord[], size: number): Promise<void> {
  for (let from = 0; from < events.length; from += size) {
    await persistBatch(store.writes, events.slice(from, from + size), persistPhases);
  }
}

test('writing everything again, in whatever batches, changes nothing that can be read', async () => {
  await persistInBatches(HISTORY, 3);
  const first = await readEverything(store.reads, 'c1');
  expect(first.head).toMatchObject({ seq: 4, rev: 12, title: '여행', memberCount: 2 });
  expect(first.messages).toHaveLength(4);
  expect(first.changes).toHaveLength(8);
  for (const size of [1, 2, 5, 100]) {
    await persistInBatches(HISTORY, size);
    expect(await readEverything(store.reads, 'c1')).toEqual(first);
  }
  await persistInBatches(HISTORY.slice(2, 7), 2);
  expect(await readEverything(store.reads, 'c1')).toEqual(first);
});

test('a removed member keeps a row that says until when; who came later sees from then on', async () => {
  await persistInBatches(HISTORY, 100);
  expect(await store.reads.membership('carol', 'c1')).toMatchObject({
    role: null,
    visibleFrom: 3,
    visibleFromRev: 5,
    leftAtSeq: 3,
    rev: 10,
  });
});

/** Fails the n-th write from then on, like a process that dies there. */
function dyingWrites(writes: ViewWrites, failAt: number): ViewWrites {
  let count = 0;
  const dying = Object.entries(writes).map(([name, write]) => [
    name,
    (rows: never) =>
      count++ >= failAt ? Promise.reject(new Error('gone')) : (write as (rows: never) => Promise<void>)(rows),
  ]);
  return Object.fromEntries(dying) as ViewWrites;
}

/** Whether every row a head covers can be read, and no message of a later rev than a removal without that removal. */
async function isHeadProof(): Promise<boolean> {
  const { head, messages, changes, memberships } = await readEverything(store.reads, 'c1');
  const [, , carol] = memberships;
  const isRemovalLate = messages.some(({ seq }) => seq === 4) && carol?.role !== null;
  if (isRemovalLate) return false;
  if (!head) return true;
  const covered = HISTORY.filter(({ rev }) => rev <= head.rev);
  return covered.every(({ rev, seq, body }) =>
    body.type === 'message.created'
      ? messages.some((message) => message.seq === seq && message.rev === rev)
      : changes.some((change) => change.rev === rev),
  );
}

/** Breaks off at every write of a history persisted in batches; says at how many the head was no proof. */
async function countBrokenProofs(phases: readonly Phase[]): Promise<number> {
  let broken = 0;
  for (let failAt = 0; failAt < 30; failAt++) {
    await store.close();
    store = createSqliteStore(openSqlite(':memory:', { clock: createManualClock() }));
    const writes = dyingWrites(store.writes, failAt);
    for (let from = 0; from < HISTORY.length; from += 6) {
      await persistBatch(writes, HISTORY.slice(from, from + 6), phases).catch(() => undefined);
    }
    if (!(await isHeadProof())) broken++;
  }
  return broken;
}

test('wherever it breaks off, a head covers only rows that can be read', async () => {
  expect(await countBrokenProofs(persistPhases)).toBe(0);
});

test('the proof notices when heads or later rows go first', async () => {
  const [memberships, rows, heads] = persistPhases as [Phase, Phase, Phase];
  expect(await countBrokenProofs([heads, memberships, rows])).toBeGreaterThan(0);
  expect(await countBrokenProofs([rows, memberships, heads])).toBeGreaterThan(0);
});
