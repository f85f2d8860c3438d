import type { types } from 'cassandra-driver';
import { StoreError } from '@garam/store/store';
import type { Row } from '../client/access.ts';

/** Numbers of the store stay below 2^53. */
export function numberOf(row: Row, column: string): number | undefined {
  const value: unknown = row[column];
  if (value === null || value === undefined) return undefined;
  return typeof value === 'number' ? value : (value as types.Long).toNumber();
}

/** undefined where nothing was written. Never written and '' are not the same. */
export function textOf(row: Row, column: string): string | undefined {
  return (row[column] as string | null) ?? undefined;
}

export function flagOf(row: Row, column: string): boolean {
  return row[column] === true;
}

export function toJson(value: object | undefined): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}

/** JSON the store wrote itself. Anything else is a broken row. */
export function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new StoreError('a stored value is not JSON', { cause: error });
  }
}
