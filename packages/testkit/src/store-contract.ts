import type { Store } from '@garam/store/store';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import { logNameContract } from './store-log-name-contract.ts';
import { messageContract } from './store-message-contract.ts';
import { sequencerContract } from './store-sequencer-contract.ts';
import { userContract } from './store-user-contract.ts';
import { viewContract } from './store-view-contract.ts';

/** The store under test. One store serves the whole suite: every test keeps to chats and users of its own. */
export interface StoreFixture {
  readonly store: Store;
  dispose(): Promise<void>;
}

export interface StoreProbe {
  readonly store: Store;
  /** An id nobody has used in this store. */
  fresh(prefix: string): string;
}

/**
 * What every Store promises. An adapter's test file calls this with a way to make a store; the same suite runs against
 * all of them. Nothing here waits for expiry or depends on the wall clock.
 */
export function storeContract(name: string, makeStore: () => Promise<StoreFixture>): void {
  describe(`Store: ${name}`, () => {
    let fixture: StoreFixture;
    let made = 0;
    const run = randomUUID().slice(0, 8);
    const probe: StoreProbe = {
      get store() {
        return fixture.store;
      },
      fresh: (prefix) => `${prefix}-${run}-${++made}`,
    };
    beforeAll(async () => {
      fixture = await makeStore();
    }, 60_000);
    afterAll(async () => fixture.dispose());
    sequencerContract(probe);
    viewContract(probe);
    messageContract(probe);
    userContract(probe);
    logNameContract(probe);
  });
}
