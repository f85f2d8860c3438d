import { tables } from './0001-tables.ts';
import { logNames } from './0002-log-names.ts';

/**
 * Applied in this order; entries are only added. Every statement may be run again, and the services of the version
 * before and after it run against it.
 */
export const MIGRATIONS: readonly (readonly string[])[] = [tables, logNames];
