import { loadConfig, type Environment } from '@garam/service/load-config';
import type { RunningService } from '@garam/service/run-service';
import { createMemoryBus } from '@garam/bus-memory/create-memory-bus';
import { createSqliteEventLog } from '@garam/eventlog-sqlite/create-sqlite-event-log';
import { systemClock } from '@garam/runtime/system-clock';
import { openSqlite } from '@garam/sqlite/open-sqlite';
import { createSqliteStore } from '@garam/store-sqlite/sqlite-store';
import { createLogger } from '@garam/telemetry/logger';
import { createMetrics } from '@garam/telemetry/meter';
import { receiptsConfig, receiptsOptions } from './config.ts';
import { createReceipts } from './receipts.ts';

/** Names the adapters; everything else knows the ports only. */
export async function compose(environment: Environment): Promise<RunningService> {
  const config = loadConfig(receiptsConfig, environment);
  const logger = createLogger({ service: 'receipts', level: config.GARAM_LOG_LEVEL });
  const { meter, render } = createMetrics();
  const clock = systemClock;
  const logFile = openSqlite(pathOf(config.GARAM_LOG), { clock });
  const log = createSqliteEventLog(logFile, { clock });
  const store = createSqliteStore(openSqlite(pathOf(config.GARAM_STORE), { clock }));
  const bus = createMemoryBus({ clock });
  return {
    service: createReceipts({ log, store, bus, clock, logger, meter }, receiptsOptions(config)),
    logger,
    renderMetrics: render,
    healthPort: config.GARAM_HEALTH_PORT,
    drainMs: config.GARAM_DRAIN_MS,
    async close() {
      await log.close();
      await store.close();
      await bus.close();
      await logFile.close();
    },
  };
}

/** `sqlite:./data/garam.db` → `./data/garam.db` */
function pathOf(url: string): string {
  return url.slice(url.indexOf(':') + 1);
}
