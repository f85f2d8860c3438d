import { randomFillSync } from 'node:crypto';

const BYTES = 24;
const POOL = BYTES * 256;

/** Makes W3C trace contexts (sampled); randomness is fetched for many at once, which is most of the cost. */
export function createTraceparents(): () => string {
  const pool = Buffer.alloc(POOL);
  let next = POOL;
  return () => {
    if (next === POOL) {
      randomFillSync(pool);
      next = 0;
    }
    const hex = pool.toString('hex', next, next + BYTES);
    next += BYTES;
    return `00-${hex.slice(0, 32)}-${hex.slice(32)}-01`;
  };
}
