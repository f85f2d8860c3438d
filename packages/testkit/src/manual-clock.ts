import type { Cancel, Clock } from '@garam/runtime/clock';

/**
 * Time that stands still until a test moves it. What needs no time goes on by itself: promises, and `endOfTurn` tasks in
 * the order they were given. `random` is seeded.
 */
export interface ManualClock extends Clock {
  /** Moves time by `ms`, running due timers in order of their time, each followed by all it set off at that moment. */
  advance(ms: number): Promise<void>;
  /** Waits until nothing is left to do at this moment. */
  settle(): Promise<void>;
  /** Timers waiting now. */
  readonly timers: number;
}

interface Timer {
  dueMs: number;
  order: number;
  intervalMs: number | undefined;
  task: () => void;
}

const TURNS_MAX = 100_000;

export function createManualClock(options: { startMs?: number; seed?: number } = {}): ManualClock {
  const startMs = options.startMs ?? Date.UTC(2026, 0, 1);
  const random = seededRandom(options.seed ?? 1);
  const timers = new Set<Timer>();
  let elapsedMs = 0;
  let order = 0;
  let turn: (() => void)[] = [];

  function addTimer(delayMs: number, intervalMs: number | undefined, task: () => void): Cancel {
    const timer = { dueMs: elapsedMs + Math.max(0, delayMs), order: order++, intervalMs, task };
    timers.add(timer);
    return () => timers.delete(timer);
  }

  function endOfTurn(task: () => void): void {
    turn.push(task);
    if (turn.length > 1) return;
    setImmediate(() => {
      const tasks = turn;
      turn = [];
      for (const run of tasks) run();
    });
  }

  async function settle(): Promise<void> {
    for (let turns = 0; turns < TURNS_MAX; turns++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (turn.length === 0) return;
    }
    throw new Error(`not quiet after ${TURNS_MAX} turns: something goes on without needing time`);
  }

  async function advance(ms: number): Promise<void> {
    const untilMs = elapsedMs + ms;
    await settle();
    for (let next = firstDue(timers, untilMs); next !== undefined; next = firstDue(timers, untilMs)) {
      elapsedMs = Math.max(elapsedMs, next.dueMs);
      if (next.intervalMs === undefined) timers.delete(next);
      else next.dueMs += Math.max(1, next.intervalMs);
      next.task();
      await settle();
    }
    elapsedMs = untilMs;
  }

  return {
    now: () => startMs + Math.floor(elapsedMs),
    monotonic: () => elapsedMs,
    after: (delayMs, task) => addTimer(delayMs, undefined, task),
    every: (intervalMs, task) => addTimer(intervalMs, intervalMs, task),
    endOfTurn,
    sleep: (delayMs, signal) => sleep(addTimer, delayMs, signal),
    random,
    advance,
    settle,
    get timers() {
      return timers.size;
    },
  };
}

function firstDue(timers: Set<Timer>, untilMs: number): Timer | undefined {
  let first: Timer | undefined;
  for (const timer of timers) {
    if (timer.dueMs > untilMs) continue;
    const isEarlier =
      first === undefined || timer.dueMs < first.dueMs || (timer.dueMs === first.dueMs && timer.order < first.order);
    if (isEarlier) first = timer;
  }
  return first;
}

type AddTimer = (delayMs: number, intervalMs: undefined, task: () => void) => Cancel;

function sleep(addTimer: AddTimer, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = addTimer(delayMs, undefined, done);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** mulberry32 */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
