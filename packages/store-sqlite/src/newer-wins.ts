/** Columns that are written together under one clock. */
export interface Cell {
  columns: readonly string[];
  clock: string;
}

/** A table whose cells are last-writer-wins, each by its own clock. */
export interface ClockedTable {
  table: string;
  key: readonly string[];
  cells: readonly Cell[];
}

/**
 * The upsert of a row: per cell, the columns take the new values only if the new clock is higher. So writes may come in
 * any order and any number of times. A cell that is not written is bound as nulls with `NOT_WRITTEN`.
 * Parameters: the key, then each cell's columns followed by its clock.
 */
export function newerWins({ table, key, cells }: ClockedTable): string {
  const columns = [...key, ...cells.flatMap((cell) => [...cell.columns, cell.clock])];
  const changes = cells.flatMap(({ columns: values, clock }) => [
    ...values.map((column) => `${column} = iif(excluded.${clock} > ${clock}, excluded.${column}, ${column})`),
    `${clock} = max(excluded.${clock}, ${clock})`,
  ]);
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
    ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${changes.join(', ')}`;
}

/** Below every clock. */
export const NOT_WRITTEN = -1;

export type SqlValue = string | number | null | Uint8Array;

/** The parameters of a one-column cell: absent values are not written. */
export function cell(value: SqlValue | undefined, clock: number): [SqlValue, number] {
  return value === undefined ? [null, NOT_WRITTEN] : [value, clock];
}

/** The parameters of a cell that holds JSON. */
export function jsonCell(value: object | undefined, clock: number): [SqlValue, number] {
  return cell(value && JSON.stringify(value), clock);
}

export function flag(value: boolean | undefined): 0 | 1 | undefined {
  return value === undefined ? undefined : value ? 1 : 0;
}
