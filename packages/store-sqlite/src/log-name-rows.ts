import type { LogNames } from '@garam/store/log-names';
import type { Access } from './access.ts';
import { newerWins } from './newer-wins.ts';
import { flag } from './sql-value.ts';

const FIND = 'SELECT name, is_complete FROM log_names WHERE log_id = ?';
const PUT = newerWins({
  table: 'log_names',
  key: ['log_id'],
  cells: [{ columns: ['name', 'is_complete'], clock: 'clock' }],
});

export function logNameRows(access: Access): LogNames {
  return {
    async find(logId) {
      const row = access.get(FIND, logId);
      return row === undefined ? null : { name: row['name'] as string, isComplete: row['is_complete'] === 1 };
    },
    put: (logId, row, at) =>
      access.writeRows(PUT, [row], ({ name, isComplete }) => [at, logId, name, flag(isComplete)]),
  };
}
