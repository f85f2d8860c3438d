import { retryUntilDone } from '@garam/runtime/retry';
import { systemClock } from '@garam/runtime/system-clock';
import type { Store } from '@garam/store/store';
import { startOwnStack, type OwnStack } from '@garam/tests-stack/own-stack';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCassandraStore } from './create-cassandra-store.ts';
import { optionsFor } from './testing/open-test-store.ts';
import { readOutcome, untilReadsAre } from './testing/read-outcome.ts';

const EACH_MS = 180_000;

let stack: OwnStack;
let store: Store;

beforeAll(async () => {
  stack = await startOwnStack({ cassandra: 1 });
  store = await createCassandraStore({
    ...optionsFor(stack.addresses.store!),
    readDeadlineMs: 1_000,
    writeDeadlineMs: 2_000,
  });
}, EACH_MS);
afterAll(async () => {
  await store.close();
  await stack.dispose();
}, EACH_MS);

const raise = (read: number, chat = 'c') => store.writes.raiseMarks([{ chat, user: 'u', delivered: read, read }]);
const readOf = async (chat: string) => (await store.reads.marks(chat)).map(({ read }) => read);

/** Writes until it is done, as the persister does. */
const insist = (read: number) =>
  retryUntilDone(() => raise(read), {
    clock: systemClock,
    backoff: { baseMs: 50, maxMs: 500 },
    signal: AbortSignal.timeout(EACH_MS),
    onFailure: () => {},
  });

async function expectRefusalsAtOnce(): Promise<void> {
  await untilReadsAre(store, 'refused');
  const isQuick = async () => {
    const begun = systemClock.monotonic();
    return (await readOutcome(store)) !== 'answered' && systemClock.monotonic() - begun < 200;
  };
  await expect.poll(isQuick, { timeout: 15_000, interval: 10 }).toBe(true);
}

test(
  'a node that stands still: reads end at their deadline, then at once, and go on by themselves with what was acknowledged',
  async () => {
    await raise(1, 'before-freeze');
    const thaw = stack.freeze('cassandra-0');
    const write = insist(2);
    try {
      expect(await readOutcome(store)).toBe('failed');
      await expectRefusalsAtOnce();
    } finally {
      thaw();
    }
    await untilReadsAre(store, 'answered');
    await write;
    expect([await readOf('before-freeze'), await readOf('c')]).toEqual([[1], [2]]);
  },
  EACH_MS,
);

test(
  'a node that is killed and started again: reads fail at once meanwhile, and all goes on by itself',
  async () => {
    await stack.kill('cassandra-0');
    const write = insist(4);
    await expectRefusalsAtOnce();
    await stack.up();
    await untilReadsAre(store, 'answered');
    await write;
    expect(await readOf('c')).toEqual([4]);
  },
  EACH_MS,
);
