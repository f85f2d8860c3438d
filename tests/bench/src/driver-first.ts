import { getPriority, setPriority } from 'node:os';

/** Below 0 is before others. */
const DRIVER_PRIORITY = -10;

/**
 * Where server and driver must share the cores, the driver goes first while it measures: else it would measure how long
 * it waits itself. Without the right to do so it stays as it is. What is started meanwhile would inherit the priority.
 */
export async function driverFirst<T>(work: () => Promise<T>): Promise<T> {
  const ordinary = getPriority();
  try {
    setPriority(DRIVER_PRIORITY);
  } catch {
    return work();
  }
  try {
    return await work();
  } finally {
    setPriority(ordinary);
  }
}
