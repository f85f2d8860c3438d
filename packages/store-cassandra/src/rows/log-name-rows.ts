import type { LogName, LogNames } from '@garam/store/log-names';
import type { Access } from '../client/access.ts';
import { putInto } from '../client/put.ts';
import { fromJson } from './cell-values.ts';

const FIND = 'SELECT named FROM log_names WHERE log_id = ?';
/** One cell: no name is a mixture of two writers. */
const PUT = putInto('log_names', { key: ['log_id'], cells: ['named'] });

export function logNameRows(access: Access): LogNames {
  return {
    find: (logId) =>
      access.read(async (query) => {
        const [row] = await query(FIND, [logId]);
        return row === undefined ? null : (fromJson(row['named'] as string) as LogName);
      }),
    put: (logId, name, at) =>
      access.write([{ cql: PUT, params: [logId, JSON.stringify(name), at * 1000], partition: `log_names ${logId}` }]),
  };
}
