/** Columns that are written together. Beside them stands the clock of their last write. */
export interface Cell {
  columns: readonly string[];
  clock: string;
  /** Written only where its (first) value is not null. Without it nulls are values. */
  optional?: boolean;
}

/** A write to a table whose cells are last-writer-wins, each by its own clock. */
export interface ClockedWrite {
  table: string;
  key: readonly string[];
  cells: readonly Cell[];
}

/**
 * The upsert of a row: per cell, the columns take the new values only if the new clock is higher. So writes may come in
 * any order and any number of times. Parameters: the clock, the key, then the columns of all cells.
 */
export function newerWins({ table, key, cells }: ClockedWrite): string {
  const columns = [...key];
  const values = key.map((_column, index) => `?${index + 2}`);
  const changes: string[] = [];
  let parameter = key.length + 2;
  for (const { columns: own, clock, optional } of cells) {
    columns.push(clock, ...own);
    values.push(optional ? `iif(?${parameter} IS NULL, ${NOT_WRITTEN}, ?1)` : '?1');
    changes.push(`${clock} = max(excluded.${clock}, ${clock})`);
    for (const column of own) {
      values.push(`?${parameter++}`);
      changes.push(`${column} = iif(excluded.${clock} > ${clock}, excluded.${column}, ${column})`);
    }
  }
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${values.join(', ')})
    ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${changes.join(', ')}`;
}

/** Below every clock. */
const NOT_WRITTEN = -1;
