import { tables } from './migrations/0001-tables.ts';

/** Applied once each, in this order. Entries are only added. */
export const MIGRATIONS: readonly string[] = [tables];
