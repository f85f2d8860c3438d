import { randomUUID } from 'node:crypto';
import { createVerifier } from '@garam/auth/verifier';
import { createMemoryBus } from '@garam/bus-memory/create-memory-bus';
import { createSqliteEventLog } from '@garam/eventlog-sqlite/create-sqlite-event-log';
import { createIntake } from '@garam/intake/create-intake';
import { systemClock } from '@garam/runtime/system-clock';
import { ConfigError, loadConfig, type Environment } from '@garam/service/load-config';
import type { RunningService } from '@garam/service/run-service';
import { openSqlite } from '@garam/sqlite/open-sqlite';
import { createSqliteStore } from '@garam/store-sqlite/sqlite-store';
import { createLogger } from '@garam/telemetry/logger';
import { createMetrics } from '@garam/telemetry/meter';
import { createViews } from '@garam/views/create-views';
import { createApi } from './api.ts';
import { apiConfig, apiOptions, intakeOptions, verifierOptions, type ApiConfig } from './config.ts';

/** The api as a process of its own, on the adapters the configuration names. */
export async function compose(environment: Environment): Promise<RunningService> {
  const config = loadConfig(apiConfig, environment);
  const verifying = verifierOptions(config);
  if (verifying === undefined) throw new ConfigError(['GARAM_JWT_SECRET or GARAM_JWKS_URL: one of them is required']);
  const clock = systemClock;
  const instance = `api-${randomUUID()}`;
  const logger = createLogger({ service: 'api', level: config.GARAM_LOG_LEVEL, instance });
  const metrics = createMetrics();
  const adapters = openAdapters(config);
  const { log, store, bus } = adapters;
  const sources = { reads: store.reads, users: store.users, recent: bus.recent, clock };
  const intake = createIntake(
    { ...sources, log, meter: metrics.meter },
    { ...intakeOptions(config), origin: instance },
  );
  const views = createViews(sources, { bigChat: config.GARAM_BIG_CHAT });
  const verifier = createVerifier({ clock }, verifying);
  const { meter } = metrics;
  const service = createApi({ log, store, bus, intake, views, verifier, clock, logger, meter }, apiOptions(config));
  return {
    service,
    logger,
    renderMetrics: metrics.render,
    healthPort: config.GARAM_HEALTH_PORT,
    drainMs: config.GARAM_DRAIN_MS,
    close: adapters.close,
  };
}

function openAdapters(config: ApiConfig) {
  const clock = systemClock;
  const logFile = openSqlite(pathOf(config.GARAM_LOG), { clock });
  const log = createSqliteEventLog(logFile, { clock });
  const store = createSqliteStore(openSqlite(pathOf(config.GARAM_STORE), { clock }));
  const bus = createMemoryBus({ clock });
  async function close(): Promise<void> {
    await bus.close();
    await log.close();
    await store.close();
    await logFile.close();
  }
  return { log, store, bus, close };
}

const pathOf = (url: string) => url.slice(url.indexOf(':') + 1);
