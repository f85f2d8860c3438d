import type { Cancel, Clock } from '@garam/runtime/clock';
import type { World } from './world.ts';

/** Wall clock at the start of every run, ms. */
export const EPOCH_MS = Date.UTC(2026, 0, 1);
/** Periodic tasks more frequent than this are slowed down to it: timers may always be late, and runs stay short. */
const EVERY_MIN_MS = 500;
const EVERY_MIN_QUIET_MS = 4_000;

type StateListener = (state: 'running' | 'paused' | 'dead') => void;

/**
 * A process of the simulation: whatever its code waits for comes through here, so that it can be paused (everything
 * that was due waits, in order, while the world goes on) or killed (nothing comes any more).
 */
export class SimProcess {
  readonly name: string;
  readonly clock: Clock;
  readonly #world: World;
  readonly #listeners: StateListener[] = [];
  #state: 'running' | 'paused' | 'dead' = 'running';
  #waiting: (() => void)[] = [];

  /** @param skewMs how far its wall clock is off. */
  constructor(world: World, name: string, skewMs = 0) {
    this.#world = world;
    this.name = name;
    this.clock = processClock(world, this, skewMs);
  }

  get state(): 'running' | 'paused' | 'dead' {
    return this.#state;
  }

  onState(listener: StateListener): void {
    this.#listeners.push(listener);
  }

  /** Runs the task in this process when its time has come and the process runs. */
  schedule(delayMs: number, task: () => void): Cancel {
    let isCancelled = false;
    const run = () => {
      if (!isCancelled) task();
    };
    const cancel = this.#world.scheduler.schedule(delayMs, () => {
      if (this.#state === 'running') run();
      else if (this.#state === 'paused') this.#waiting.push(run);
    });
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  pause(): void {
    if (this.#state === 'running') this.#change('paused');
  }

  resume(): void {
    if (this.#state !== 'paused') return;
    const due = this.#waiting;
    this.#waiting = [];
    for (const task of due) this.schedule(0, task);
    this.#change('running');
  }

  crash(): void {
    if (this.#state === 'dead') return;
    this.#waiting = [];
    this.#change('dead');
  }

  #change(state: 'running' | 'paused' | 'dead'): void {
    this.#state = state;
    this.#world.trace(() => `${this.name} is ${state}`);
    for (const listener of this.#listeners) listener(state);
  }
}

function processClock(world: World, process: SimProcess, skewMs: number): Clock {
  const { scheduler, random } = world;
  const every = (intervalMs: number, task: () => void): Cancel => {
    let cancel: Cancel = () => undefined;
    const arm = () => {
      const leastMs = world.isQuiet ? EVERY_MIN_QUIET_MS : EVERY_MIN_MS;
      cancel = process.schedule(Math.max(intervalMs, leastMs), () => {
        arm();
        task();
      });
    };
    arm();
    return () => cancel();
  };
  return {
    now: () => EPOCH_MS + Math.floor(scheduler.nowMs + skewMs),
    monotonic: () => scheduler.nowMs,
    after: (delayMs, task) => process.schedule(delayMs, task),
    every,
    endOfTurn: (task) => void process.schedule(0, task),
    sleep: (delayMs, signal) => sleep(process, delayMs, signal),
    random: () => random.next(),
  };
}

function sleep(process: SimProcess, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = process.schedule(delayMs, done);
    signal?.addEventListener('abort', done, { once: true });
  });
}
