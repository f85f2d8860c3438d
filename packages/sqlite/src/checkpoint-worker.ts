import { setPriority } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { CheckpointReport, CheckpointWorkerData } from './checkpointer.ts';

/** Moves pages of the write-ahead log into the file while the process goes on committing; looks whenever it is asked. */
const { path, pages } = workerData as CheckpointWorkerData;
const db = new DatabaseSync(path);
db.exec('PRAGMA synchronous = FULL');
yieldToMain();

parentPort?.on('message', () => {
  let waiting = framesWaiting('NOOP');
  const isMoved = waiting >= pages;
  if (isMoved) waiting = framesWaiting('PASSIVE');
  parentPort?.postMessage({ isMoved, waiting } satisfies CheckpointReport);
});

/** Frames of the write-ahead log that are not in the file, after what `mode` does. */
function framesWaiting(mode: 'NOOP' | 'PASSIVE'): number {
  const row = db.prepare(`PRAGMA wal_checkpoint(${mode})`).get();
  return Number(row?.['log']) - Number(row?.['checkpointed']);
}

/** Of this thread alone; where the system does not let us, the work is done at the usual priority. */
function yieldToMain(): void {
  try {
    setPriority(0, 10);
  } catch {
    return;
  }
}
