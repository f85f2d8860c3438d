import { pause } from './deadline.ts';
import { CommandRefused } from './garam-connection.ts';

const PATIENCE_MS = 60_000;
const RETRY_MS = 500;

/**
 * Does it again, for a minute at most, while the server says "not now", as one that has just started or is busy may.
 * @throws what `work` threw last
 */
export async function patiently<T>(work: (attempt: number) => Promise<T>): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (error) {
      if (!(error instanceof CommandRefused && error.temporary) || performance.now() > end) throw error;
      await pause(RETRY_MS);
    }
  }
}
