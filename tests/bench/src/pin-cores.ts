import { spawnSync } from 'node:child_process';
import { isInstalled } from '@garam/tests-driver/embedded-server';
import { allowedCores } from '@garam/tests-driver/process-usage';

/** Which core serves and which one drives; null where nothing is pinned. */
export interface Pinning {
  serverCore: number | null;
  driverCore: number | null;
}

/**
 * Moves this process, with all its threads, to the second core it may use and keeps the first for the server, so that
 * the one does not take the other's time. Without `taskset` or a second core nothing is pinned.
 */
export function pinCores(): Pinning {
  const [serverCore, driverCore] = allowedCores();
  if (serverCore === undefined || driverCore === undefined || !isInstalled('taskset')) return UNPINNED;
  const moved = spawnSync('taskset', ['-acp', String(driverCore), String(process.pid)], { stdio: 'ignore' });
  return moved.status === 0 ? { serverCore, driverCore } : UNPINNED;
}

export const UNPINNED: Pinning = { serverCore: null, driverCore: null };
