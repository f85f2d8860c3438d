import type { Clock } from '@garam/runtime/clock';
import type { UwsConnection } from './uws-connection.ts';

/** Writes what the connections were given during one turn of the event loop at its end: one system call per connection. */
export class TurnWriter {
  readonly #clock: Clock;
  #dirty: UwsConnection[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The connection has something to write and is not waiting already. */
  add(connection: UwsConnection): void {
    this.#dirty.push(connection);
    if (this.#dirty.length === 1) this.#clock.endOfTurn(() => this.#flushAll());
  }

  #flushAll(): void {
    const connections = this.#dirty;
    this.#dirty = [];
    for (const connection of connections) connection.flush();
  }
}
