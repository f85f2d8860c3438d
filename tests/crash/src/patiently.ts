import { pause } from '@garam/tests-driver/deadline';
import { CommandRefused } from '@garam/tests-driver/garam-connection';

const ATTEMPTS_MAX = 60;
const RETRY_MS = 1_000;

/** Does it again, for about a minute, while the server says "not now", as one that has just started or is busy may. */
export async function patiently<T>(work: (attempt: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (error) {
      const isTemporary = error instanceof CommandRefused && error.temporary;
      if (!isTemporary || attempt === ATTEMPTS_MAX) throw error;
      await pause(RETRY_MS);
    }
  }
}
