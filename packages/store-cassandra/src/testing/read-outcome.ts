import type { Store } from '@garam/store/store';
import { StoreError } from '@garam/store/store';
import { expect } from 'vitest';

/** How a read ended: answered, given up at its deadline or refused at once. */
export async function readOutcome(store: Store): Promise<'answered' | 'failed' | 'refused'> {
  try {
    await store.users.standing('anybody');
    return 'answered';
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return error.message.includes('a moment ago') ? 'refused' : 'failed';
  }
}

/** Waits until reads end so; servers are given their time. */
export async function untilReadsAre(store: Store, outcome: Awaited<ReturnType<typeof readOutcome>>): Promise<void> {
  await expect
    .poll(() => readOutcome(store), { timeout: 60_000, interval: 10, message: `reads are ${outcome}` })
    .toBe(outcome);
}
