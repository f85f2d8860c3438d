import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Histogram } from '@garam/tests-driver/histogram';
import type { LatencySummary } from '@garam/tests-driver/histogram';

/**
 * What one durable write costs on the disk under `folder` right now: 4 KiB appended, then synced, 200 times. No
 * acknowledgement can be faster, and its slowest percentile is in every ack's.
 */
export function measureDisk(folder: string): LatencySummary {
  const own = mkdtempSync(join(folder, 'garam-bench-disk-'));
  const file = openSync(join(own, 'probe'), 'w');
  const page = Buffer.alloc(4096, 1);
  const histogram = new Histogram();
  for (let i = 0; i < 200; i += 1) {
    writeSync(file, page);
    const startedAt = performance.now();
    fdatasyncSync(file);
    histogram.record(performance.now() - startedAt);
  }
  closeSync(file);
  rmSync(own, { recursive: true });
  return histogram.summary();
}

/** A log in memory would make every figure about durability worthless. */
export function fileSystemOf(path: string): string {
  return statfsSync(path).type === TMPFS_MAGIC ? 'tmpfs: IN MEMORY, NOT ON DISK' : 'on disk';
}

const TMPFS_MAGIC = 0x01021994;
