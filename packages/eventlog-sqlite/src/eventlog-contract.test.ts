import { systemClock } from '@garam/runtime/system-clock';
import { openSqlite } from '@garam/sqlite/open-sqlite';
import { eventLogContract, type EventLogFixture } from '@garam/testkit/eventlog-contract';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createSqliteEventLog } from './create-sqlite-event-log.ts';
import { positionOf } from './log-schema.ts';

eventLogContract('SQLite', makeFixture);

async function makeFixture(): Promise<EventLogFixture> {
  const folder = mkdtempSync(join(tmpdir(), 'garam-log-'));
  const path = join(folder, 'garam.db');
  let names = 0;
  const open = () => {
    const file = openSqlite(path, { clock: systemClock, writeDeadlineMs: 150 });
    return { file, log: createSqliteEventLog(file, { clock: systemClock, partitions: 4 }) };
  };
  let { file, log } = open();
  const close = async () => {
    await log.close();
    await file.close();
  };
  return {
    get log() {
      return log;
    },
    newTopic: async () => `topic-${names++}`,
    newGroup: () => `group-${names++}`,
    async restart() {
      await close();
      ({ file, log } = open());
    },
    async breakAppends() {
      const other = new DatabaseSync(path);
      other.exec('BEGIN IMMEDIATE');
      return async () => other.close();
    },
    async loseOldest(topic, partition) {
      const oldest = 3;
      await file.write((db) => {
        const id = db.prepare('SELECT topic_id FROM log_topics WHERE name = ?').get(topic)?.['topic_id'];
        const start = positionOf(Number(id) * log.partitions + partition, 0);
        db.prepare('DELETE FROM log_records WHERE position >= ? AND position < ?').run(start, start + oldest);
      });
      return oldest;
    },
    async dispose() {
      await close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
