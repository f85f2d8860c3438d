import type { WireError } from '@garam/protocol/errors';
import type { Wish } from './evidence.ts';
import type { World } from './world.ts';

const IN_FLIGHT_MAX = 4;

export interface OutboxLine {
  add(wish: Wish): void;
  /** Sends what may go now. */
  pump(): void;
  answered(wish: Wish, outcome: { ok: { seq?: number; rev?: number; duplicate?: true } } | { error: WireError }): void;
  /** The connection is gone: what was in flight is unknown. */
  disconnected(): void;
  readonly isEmpty: boolean;
}

/**
 * What a client wants done in one chat, in order: several in flight; when one ends unknown or temporarily refused, those
 * behind it end too, and all come again in order with a higher attempt. Kept over reconnects and reloads.
 */
export function createOutboxLine(
  world: World,
  write: (wish: Wish) => boolean,
  settled: (wish: Wish) => void,
): OutboxLine {
  let wishes: Wish[] = [];
  let isHolding = false;

  function pump(): void {
    if (isHolding) return;
    for (const wish of wishes) {
      if (wish.state === 'inFlight') continue;
      if (wishes.filter((other) => other.state === 'inFlight').length >= IN_FLIGHT_MAX) return;
      wish.attempt += 1;
      if (!write(wish)) {
        wish.attempt -= 1;
        return;
      }
      if (wish.begunAt < 0) wish.begunAt = world.scheduler.nowMs;
      wish.state = 'inFlight';
    }
  }

  function end(wish: Wish, state: 'accepted' | 'failed'): void {
    wish.state = state;
    wish.settledAt = world.scheduler.nowMs;
    wishes = wishes.filter((other) => other !== wish);
    settled(wish);
  }

  /** Waits until all in flight have been answered, and a while longer. */
  function hold(delayMs: number): void {
    isHolding = true;
    const look = () => {
      if (wishes.some((wish) => wish.state === 'inFlight')) return void world.scheduler.schedule(50, look);
      isHolding = false;
      pump();
    };
    world.scheduler.schedule(delayMs, look);
  }

  return {
    add(wish) {
      wishes.push(wish);
      pump();
    },
    pump,
    answered(wish, outcome) {
      if (wish.state !== 'inFlight') return;
      if ('ok' in outcome) {
        wish.seq = outcome.ok.seq ?? 0;
        wish.rev = outcome.ok.rev ?? 0;
        if (outcome.ok.duplicate === true) world.stats.duplicatesAnswered += 1;
        end(wish, 'accepted');
      } else if (!outcome.error.temporary) {
        wish.error = outcome.error.name;
        end(wish, 'failed');
      } else {
        wish.state = 'waiting';
        if (!isHolding) hold(Math.max(outcome.error.retryAfterMs ?? 0, world.random.between(50, 1_500)));
      }
      pump();
    },
    disconnected() {
      for (const wish of wishes) wish.state = 'waiting';
    },
    get isEmpty() {
      return wishes.length === 0;
    },
  };
}
