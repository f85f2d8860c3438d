/** Messages, their reactions and changes of a chat: so many to a partition. Fixed for ever: keys depend on it. */
const ROWS = 5_000;
/** Notices are rarer. */
const REVS_OF_NOTICES = 100_000;

export function bucketOf(seqOrRev: number): number {
  return Math.floor(seqOrRev / ROWS);
}

export function noticeBucketOf(rev: number): number {
  return Math.floor(rev / REVS_OF_NOTICES);
}

/** So many partitions are read at the same time: two hold every ordinary page. */
const WAVE = { first: 2, most: 8 };

/** Partitions of a range, in the order of reading. None if it goes the wrong way. */
export interface BucketRange {
  from: number;
  through: number;
  /** From the highest down. */
  newestFirst?: boolean;
}

/** Rows of one partition after the other, some at once, until there are enough. */
export async function readBuckets<T>(
  { from, through, newestFirst = false }: BucketRange,
  enough: number,
  read: (bucket: number) => Promise<T[]>,
): Promise<T[]> {
  const found: T[] = [];
  const count = through - from + 1;
  const bucketAt = (index: number) => (newestFirst ? through - index : from + index);
  let size = WAVE.first;
  for (let next = 0; next < count && found.length < enough;) {
    const wave = Array.from({ length: Math.min(size, count - next) }, (_, index) => read(bucketAt(next + index)));
    found.push(...(await Promise.all(wave)).flat());
    next += size;
    size = Math.min(WAVE.most, size * 2);
  }
  return found.slice(0, enough);
}
