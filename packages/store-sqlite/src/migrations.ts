import { tables } from './migrations/0001-tables.ts';
import { logNames } from './migrations/0002-log-names.ts';

/** Applied once each, in this order. Entries are only added. */
export const MIGRATIONS: readonly string[] = [tables, logNames];
