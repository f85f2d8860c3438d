import { BreakerOpen, createBreaker, type BreakerState } from '@garam/runtime/circuit-breaker';
import type { Clock } from '@garam/runtime/clock';
import { withDeadline } from '@garam/runtime/deadline';
import { StoreError } from '@garam/store/store';
import { DeadlineExceeded, isOutage } from './is-outage.ts';
import { createSlots } from './slots.ts';

export interface CallOptions {
  clock: Clock;
  deadlineMs: number;
  inFlightMax: number;
  waitingMax: number;
  onFailure(error: StoreError): void;
  onBreaker(state: BreakerState): void;
}

/** Sends one statement when it is its turn; refuses once the call it belongs to has ended. */
export type Send = <T>(statement: () => Promise<T>) => Promise<T>;

/** Calls of the store: each may send several statements, has one deadline and gives StoreErrors only. */
export interface Calls {
  /** @param moreMs on top of the deadline, for calls that are big */
  run<T>(work: (send: Send) => Promise<T>, moreMs?: number): Promise<T>;
  close(): void;
}

export function createCalls(options: CallOptions): Calls {
  const { clock, deadlineMs, inFlightMax, waitingMax } = options;
  const slots = createSlots(inFlightMax);
  const breaker = createBreaker({ clock, isFailure: isOutage, onChange: options.onBreaker });
  let isClosed = false;

  async function within<T>(untilMs: number, work: (send: Send) => Promise<T>): Promise<T> {
    let hasEnded = false;
    const send: Send = (statement) =>
      slots.run(() => {
        if (hasEnded) throw new Error('the call has ended');
        return statement();
      });
    try {
      return await withDeadline(work(send), untilMs, clock, () => new DeadlineExceeded(untilMs));
    } finally {
      hasEnded = true;
    }
  }

  return {
    async run(work, moreMs = 0) {
      try {
        if (isClosed) throw new Error('the store is closed');
        if (slots.waiting >= waitingMax) throw new Error('too many statements wait already');
        return await breaker.run(() => within(deadlineMs + moreMs, work));
      } catch (error) {
        const failure = storeError(error);
        options.onFailure(failure);
        throw failure;
      }
    },
    close() {
      isClosed = true;
    },
  };
}

function storeError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  if (error instanceof BreakerOpen) return new StoreError('Cassandra was out of reach a moment ago', { cause: error });
  return new StoreError(`Cassandra: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}
