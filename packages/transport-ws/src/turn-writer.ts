import type { Clock } from '@garam/runtime/clock';
import type { WsConnection } from './ws-connection.ts';

/** Above this, chunks are handed to the kernel as a list instead of being copied together. */
const COPY_BYTES_MAX = 16_384;

/**
 * Writes what the connections were given during one turn of the event loop at its end: one system call per
 * connection. Connections that got the same chunks, as members of one chat do, share one joined copy.
 */
export class TurnWriter {
  readonly #clock: Clock;
  #dirty: WsConnection[] = [];
  #lastChunks: readonly Buffer[] = [];
  #lastJoined: Buffer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The connection has something to write and is not waiting already. */
  add(connection: WsConnection): void {
    this.#dirty.push(connection);
    if (this.#dirty.length === 1) this.#clock.endOfTurn(() => this.#flushAll());
  }

  /** One buffer for several chunks, or undefined where they are too many bytes to copy. */
  join(chunks: readonly Buffer[], bytes: number): Buffer | undefined {
    if (bytes > COPY_BYTES_MAX) return undefined;
    if (!sameChunks(chunks, this.#lastChunks)) {
      this.#lastChunks = chunks;
      this.#lastJoined = Buffer.concat(chunks, bytes);
    }
    return this.#lastJoined;
  }

  #flushAll(): void {
    const connections = this.#dirty;
    this.#dirty = [];
    for (const connection of connections) connection.flush();
    this.#lastChunks = [];
    this.#lastJoined = undefined;
  }
}

function sameChunks(left: readonly Buffer[], right: readonly Buffer[]): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false;
  return true;
}
