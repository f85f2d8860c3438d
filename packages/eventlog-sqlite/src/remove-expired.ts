import type { SqliteFile } from '@garam/sqlite/sqlite-file';
import type { LogPartition } from './log-partition.ts';
import type { LogTable } from './log-table.ts';

const DELETE_MAX = 500;

/**
 * Deletes some of the partition's records older than `before` (ms): at most 500 in one write, so that it never holds up
 * the appends. The newest record always stays: it tells a restarted process which offset comes next.
 * @returns whether there may be more to delete
 */
export async function removeExpired(
  file: SqliteFile,
  table: LogTable,
  partition: LogPartition,
  before: number,
): Promise<boolean> {
  if (partition.end < 2) return false;
  const oldest = table.oldest(partition);
  const firstKept = Math.min(table.offsetAt(partition, before), partition.end - 1);
  if (firstKept <= oldest) return false;
  const to = Math.min(firstKept, oldest + DELETE_MAX);
  await file.write((statements) => table.remove(statements, partition, oldest, to));
  return to < firstKept;
}
