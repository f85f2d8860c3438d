import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** Below 0 is before others. */
const DRIVER_PRIORITY = -10;
/** Where Linux groups processes by session, what counts is the priority of the session. */
const SESSION_PRIORITY = '/proc/self/autogroup';

/**
 * Where server and driver must share the cores, the driver goes first while it measures: else it would measure how long
 * it waits itself. Without the right to do so it stays as it is. What is started meanwhile would inherit the priority.
 */
export async function driverFirst<T>(work: () => Promise<T>): Promise<T> {
  const ordinary = { process: getPriority(), session: sessionPriority() };
  try {
    prioritise({ process: DRIVER_PRIORITY, session: ordinary.session === null ? null : DRIVER_PRIORITY });
  } catch {
    return work();
  }
  try {
    return await work();
  } finally {
    prioritise(ordinary);
  }
}

function prioritise({ process, session }: { process: number; session: number | null }): void {
  setPriority(process);
  if (session !== null) writeFileSync(SESSION_PRIORITY, String(session));
}

function sessionPriority(): number | null {
  if (!existsSync(SESSION_PRIORITY)) return null;
  return Number(/nice (-?\d+)/.exec(readFileSync(SESSION_PRIORITY, 'latin1'))?.[1] ?? 0);
}
