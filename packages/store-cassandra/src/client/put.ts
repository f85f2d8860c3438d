/** Writes the given cells of one row with an explicit time: cells that are newer stay. */
export interface Put {
  cql: string;
  /** In the order of `putInto`; undefined: the cell is not written. Never null: that would be a tombstone. */
  params: unknown[];
  /** Table and partition key: puts of the same one may go in one batch. */
  partition: string;
}

/** The statement of a put: parameters are key, cells, expiry in s if asked for (0: none), time in µs. */
export function putInto(
  table: string,
  { key, cells, expires }: { key: readonly string[]; cells: readonly string[]; expires?: boolean },
): string {
  const columns = [...key, ...cells];
  const values = columns.map(() => '?').join(', ');
  const using = expires ? 'TTL ? AND TIMESTAMP ?' : 'TIMESTAMP ?';
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${values}) USING ${using}`;
}

const ROWS_MAX = 50;
/** Of characters and bytes: coordinators hold a batch as a whole. */
const SIZE_MAX = 32_768;

/** Puts of the same partition together, in batches that a node takes at one go. Their order is kept. */
export function batchesOf(puts: readonly Put[]): Put[][] {
  const batches: Put[][] = [];
  const open = new Map<string, { batch: Put[]; size: number }>();
  for (const put of puts) {
    const size = sizeOf(put);
    const last = open.get(put.partition);
    if (last !== undefined && last.batch.length < ROWS_MAX && last.size + size <= SIZE_MAX) {
      last.batch.push(put);
      last.size += size;
      continue;
    }
    const batch = [put];
    batches.push(batch);
    open.set(put.partition, { batch, size });
  }
  return batches;
}

function sizeOf({ params }: Put): number {
  let size = 0;
  for (const param of params) size += typeof param === 'string' || Buffer.isBuffer(param) ? param.length : 8;
  return size;
}
