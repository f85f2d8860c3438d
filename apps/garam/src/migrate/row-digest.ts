import { createHash } from 'node:crypto';
import { canonicalJson } from '@garam/domain/canonical-json';

/** Count and digest of rows in their order: equal for equal rows, whoever keeps them. */
export interface RowDigest {
  add(rows: readonly unknown[]): void;
  end(): RowsSeen;
}

export interface RowsSeen {
  count: number;
  digest: string;
}

export function createRowDigest(): RowDigest {
  const hash = createHash('sha256');
  let count = 0;
  return {
    add(rows) {
      count += rows.length;
      for (const row of rows) hash.update(`${canonicalJson(row)}\n`);
    },
    end: () => ({ count, digest: hash.digest('base64url') }),
  };
}
