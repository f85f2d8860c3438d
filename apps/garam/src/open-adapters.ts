import type { Bus } from '@garam/bus/bus';
import { createMemoryBus } from '@garam/bus-memory/create-memory-bus';
import type { EventLog } from '@garam/eventlog/event-log';
import { createSqliteEventLog } from '@garam/eventlog-sqlite/create-sqlite-event-log';
import { LOG_RETENTION_MS } from '@garam/eventlog-sqlite/log-retention';
import type { Clock } from '@garam/runtime/clock';
import { openSqlite } from '@garam/sqlite/open-sqlite';
import type { SqliteFile } from '@garam/sqlite/sqlite-file';
import type { Store } from '@garam/store/store';
import { createSqliteStore } from '@garam/store-sqlite/sqlite-store';

export interface Adapters {
  log: EventLog;
  store: Store;
  bus: Bus;
  /** The files behind log and store, for metrics; one when both are in the same. */
  files: readonly SqliteFile[];
  close(): Promise<void>;
}

export interface AdapterUrls {
  log: string;
  store: string;
}

/** Opens what the addresses name. */
export function openAdapters(urls: AdapterUrls, clock: Clock): Adapters {
  const logFile = openSqlite(pathOf(urls.log), { clock });
  const storeFile = openSqlite(pathOf(urls.store), { clock });
  const log = createSqliteEventLog(logFile, { clock, retentionMs: LOG_RETENTION_MS });
  const store = createSqliteStore(storeFile);
  const bus = createMemoryBus({ clock });
  return {
    log,
    store,
    bus,
    files: logFile.path === storeFile.path ? [logFile] : [logFile, storeFile],
    async close() {
      await bus.close();
      await log.close();
      await store.close();
      await Promise.all([logFile.close(), storeFile.close()]);
    },
  };
}

/** `sqlite:./data/garam.db` → `./data/garam.db` */
function pathOf(url: string): string {
  return url.slice(url.indexOf(':') + 1);
}
