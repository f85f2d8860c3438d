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

interface Batch {
  puts: Put[];
  size: number;
}

/**
 * Puts of the same partition together, in batches that a node takes at one go. Their order is kept.
 * @param partitionsMax of one batch: more than 1 only where every node has every row, else a batch of several
 * partitions costs more than it saves
 */
export function batchesOf(puts: readonly Put[], partitionsMax = 1): Put[][] {
  const byPartition: Batch[] = [];
  const open = new Map<string, Batch>();
  for (const put of puts) {
    const size = sizeOf(put);
    const last = open.get(put.partition);
    if (last !== undefined && hasRoom(last, 1, size)) {
      last.puts.push(put);
      last.size += size;
      continue;
    }
    const batch = { puts: [put], size };
    byPartition.push(batch);
    open.set(put.partition, batch);
  }
  return (partitionsMax > 1 ? shared(byPartition, partitionsMax) : byPartition).map((batch) => batch.puts);
}

/** The batches of several partitions in one, as far as it has room. */
function shared(byPartition: readonly Batch[], partitionsMax: number): Batch[] {
  const batches: Batch[] = [];
  let last: Batch | undefined;
  let partitions = 0;
  for (const { puts, size } of byPartition) {
    if (last !== undefined && partitions < partitionsMax && hasRoom(last, puts.length, size)) {
      last.puts.push(...puts);
      last.size += size;
      partitions++;
      continue;
    }
    last = { puts, size };
    partitions = 1;
    batches.push(last);
  }
  return batches;
}

function hasRoom({ puts, size }: Batch, rows: number, bytes: number): boolean {
  return puts.length + rows <= ROWS_MAX && size + bytes <= SIZE_MAX;
}

function sizeOf({ params }: Put): number {
  let size = 0;
  for (const param of params) size += typeof param === 'string' || Buffer.isBuffer(param) ? param.length : 8;
  return size;
}
