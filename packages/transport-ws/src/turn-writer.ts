import type { Clock } from '@garam/runtime/clock';
import { TurnFlusher } from '@garam/runtime/turn-flusher';
import type { WsConnection } from './ws-connection.ts';

/** Above this, chunks are handed to the kernel as a list instead of being copied together. */
const COPY_BYTES_MAX = 16_384;

/**
 * Writes what the connections were given during one turn of the event loop at its end: one system call per
 * connection. Connections that got the same chunks, as members of one chat do, share one joined copy.
 */
export class TurnWriter {
  readonly #flusher: TurnFlusher<WsConnection>;
  #lastChunks: readonly Buffer[] = [];
  #lastJoined: Buffer | undefined;

  constructor(clock: Clock) {
    this.#flusher = new TurnFlusher(clock, () => this.#forgetJoined());
  }

  /** The connection has something to write and is not waiting already. */
  add(connection: WsConnection): void {
    this.#flusher.add(connection);
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

  #forgetJoined(): void {
    this.#lastChunks = [];
    this.#lastJoined = undefined;
  }
}

function sameChunks(left: readonly Buffer[], right: readonly Buffer[]): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false;
  return true;
}
