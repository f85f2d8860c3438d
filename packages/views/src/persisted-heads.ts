import { Refusal } from '@garam/protocol/errors';
import type { Clock } from '@garam/runtime/clock';
import type { StoredHead, ViewReads } from '@garam/store/view-reads';

/**
 * Heads as persisted. A head of rev P proves that every row of an event ≤ P is visible to later reads, so whoever reads
 * the head first and content after it shows everything up to that head.
 */
export interface PersistedHeads {
  /**
   * The chat's head with rev ≥ `rev`, waiting for the persister where it lags; null only for rev 0 and nothing persisted.
   * @throws Refusal `unavailable` when it does not get there in time.
   */
  atLeast(chat: string, rev: number): Promise<StoredHead | null>;
}

interface Waiter {
  rev: number;
  until: number;
  resolve(head: StoredHead): void;
  reject(error: unknown): void;
}

const POLL_FIRST_MS = 5;
const POLL_MAX_MS = 50;

/** However many wait for a chat, it is polled once. */
export function createPersistedHeads(
  deps: { reads: Pick<ViewReads, 'heads'>; clock: Clock },
  options: { waitMs: number },
): PersistedHeads {
  const { reads, clock } = deps;
  const waiting = new Map<string, Waiter[]>();

  async function atLeast(chat: string, rev: number): Promise<StoredHead | null> {
    const head = (await reads.heads([chat]))[0] ?? null;
    if ((head?.rev ?? 0) >= rev) return head;
    return new Promise((resolve, reject) => {
      const waiter = { rev, until: clock.monotonic() + options.waitMs, resolve, reject };
      const others = waiting.get(chat);
      if (others !== undefined) {
        others.push(waiter);
        return;
      }
      waiting.set(chat, [waiter]);
      void poll(chat);
    });
  }

  async function poll(chat: string): Promise<void> {
    let delayMs = POLL_FIRST_MS;
    for (let waiters = waiting.get(chat); waiters !== undefined; waiters = waiting.get(chat)) {
      await clock.sleep(delayMs);
      delayMs = Math.min(POLL_MAX_MS, delayMs * 2);
      try {
        settle(chat, (await reads.heads([chat]))[0] ?? null);
      } catch (error) {
        const failed = waiting.get(chat) ?? [];
        waiting.delete(chat);
        for (const waiter of failed) waiter.reject(error);
      }
    }
  }

  function settle(chat: string, head: StoredHead | null): void {
    const now = clock.monotonic();
    const left: Waiter[] = [];
    for (const waiter of waiting.get(chat) ?? []) {
      if (head !== null && head.rev >= waiter.rev) waiter.resolve(head);
      else if (now >= waiter.until)
        waiter.reject(new Refusal('unavailable', { message: 'The views lag behind.', retryAfterMs: 500 }));
      else left.push(waiter);
    }
    if (left.length > 0) waiting.set(chat, left);
    else waiting.delete(chat);
  }

  return { atLeast };
}
