import type { SqliteFile, Statements } from '@garam/sqlite/sqlite-file';
import { StoreError } from '@garam/store/store';
import type { SqlValue } from './sql-value.ts';

/** A row as SQLite gives it. */
export type Row = Record<string, SqlValue>;

/** The file as the store uses it: only StoreErrors come out. */
export interface Access {
  write(task: (statements: Statements) => void): Promise<void>;
  /** Runs the statement once per row, in one transaction with the rest of the turn. */
  writeRows<T>(sql: string, rows: readonly T[], valuesOf: (row: T) => SqlValue[]): Promise<void>;
  all(sql: string, ...values: SqlValue[]): Row[];
  get(sql: string, ...values: SqlValue[]): Row | undefined;
}

export function accessTo(file: SqliteFile): Access {
  async function write(task: (statements: Statements) => void): Promise<void> {
    try {
      await file.write(task);
    } catch (error) {
      throw storeError('written', error);
    }
  }
  function reading<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw storeError('read', error);
    }
  }
  return {
    write,
    async writeRows(sql, rows, valuesOf) {
      if (rows.length === 0) return;
      await write((statements) => {
        const statement = statements.prepare(sql);
        for (const row of rows) statement.run(...valuesOf(row));
      });
    },
    all: (sql, ...values) => reading(() => file.read(sql).all(...values) as Row[]),
    get: (sql, ...values) => reading(() => file.read(sql).get(...values) as Row | undefined),
  };
}

function storeError(what: string, cause: unknown): StoreError {
  return new StoreError(`SQLite could not be ${what}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    cause,
  });
}

/** JSON the store wrote itself. Anything else is a broken file. */
export function fromJson(text: SqlValue | undefined): unknown {
  try {
    return JSON.parse(text as string);
  } catch (error) {
    throw storeError('read', error);
  }
}
