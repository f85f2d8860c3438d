import type { Clock } from './clock.ts';

/** Flushes at the end of a turn of the event loop what was added during it, in the order of adding. */
export class TurnFlusher<T extends { flush(): void }> {
  readonly #clock: Pick<Clock, 'endOfTurn'>;
  readonly #flushed: () => void;
  #waiting: T[] = [];

  /** @param flushed called when all of a turn have been flushed */
  constructor(clock: Pick<Clock, 'endOfTurn'>, flushed: () => void = () => undefined) {
    this.#clock = clock;
    this.#flushed = flushed;
  }

  /** The item has something to flush and is not waiting already. */
  add(item: T): void {
    this.#waiting.push(item);
    if (this.#waiting.length === 1) this.#clock.endOfTurn(() => this.#flushAll());
  }

  #flushAll(): void {
    const items = this.#waiting;
    this.#waiting = [];
    for (const item of items) item.flush();
    this.#flushed();
  }
}
