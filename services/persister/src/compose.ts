import { loadConfig, type Environment } from '@garam/service/load-config';
import type { RunningService } from '@garam/service/run-service';
import { createSqliteEventLog } from '@garam/eventlog-sqlite/create-sqlite-event-log';
import { systemClock } from '@garam/runtime/system-clock';
import { openSqlite } from '@garam/sqlite/open-sqlite';
import { createSqliteStore } from '@garam/store-sqlite/sqlite-store';
import { createLogger } from '@garam/telemetry/logger';
import { createMetrics } from '@garam/telemetry/meter';
import { persisterConfig, persisterOptions } from './config.ts';
import { createPersister } from './persister.ts';

/** Names the adapters; everything else knows the ports only. */
export async function compose(environment: Environment): Promise<RunningService> {
  const config = loadConfig(persisterConfig, environment);
  const logger = createLogger({ service: 'persister', level: config.GARAM_LOG_LEVEL });
  const { meter, render } = createMetrics();
  const clock = systemClock;
  const logFile = openSqlite(pathOf(config.GARAM_LOG), { clock });
  const log = createSqliteEventLog(logFile, { clock });
  const store = createSqliteStore(openSqlite(pathOf(config.GARAM_STORE), { clock }));
  return {
    service: createPersister({ log, store, clock, logger, meter }, persisterOptions(config)),
    logger,
    renderMetrics: render,
    healthPort: config.GARAM_HEALTH_PORT,
    drainMs: config.GARAM_DRAIN_MS,
    async close() {
      await log.close();
      await store.close();
      await logFile.close();
    },
  };
}

/** `sqlite:./data/garam.db` → `./data/garam.db` */
function pathOf(url: string): string {
  return url.slice(url.indexOf(':') + 1);
}
