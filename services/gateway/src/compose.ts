import { randomUUID } from 'node:crypto';
import { createVerifier } from '@garam/auth/verifier';
import { createMemoryBus } from '@garam/bus-memory/create-memory-bus';
import { createSqliteEventLog } from '@garam/eventlog-sqlite/create-sqlite-event-log';
import { systemClock } from '@garam/runtime/system-clock';
import { ConfigError, loadConfig, type Environment } from '@garam/service/load-config';
import type { RunningService } from '@garam/service/run-service';
import { openSqlite } from '@garam/sqlite/open-sqlite';
import { createSqliteStore } from '@garam/store-sqlite/sqlite-store';
import { createLogger } from '@garam/telemetry/logger';
import { createMetrics } from '@garam/telemetry/meter';
import { createWsTransport } from '@garam/transport-ws/ws-transport';
import { gatewayConfig, gatewayOptions, verifierOptions } from './config.ts';
import { createGateway } from './gateway.ts';

/** The gateway as a process of its own, on the adapters the configuration names. */
export async function compose(environment: Environment): Promise<RunningService> {
  const config = loadConfig(gatewayConfig, environment);
  const verifying = verifierOptions(config);
  if (verifying === undefined) throw new ConfigError(['GARAM_JWT_SECRET or GARAM_JWKS_URL: one of them is required']);
  const clock = systemClock;
  const instance = `gateway-${randomUUID()}`;
  const logger = createLogger({ service: 'gateway', level: config.GARAM_LOG_LEVEL, instance });
  const { meter, render } = createMetrics();
  const options = gatewayOptions(config);
  const logFile = openSqlite(pathOf(config.GARAM_LOG), { clock });
  const log = createSqliteEventLog(logFile, { clock });
  const store = createSqliteStore(openSqlite(pathOf(config.GARAM_STORE), { clock }));
  const bus = createMemoryBus({ clock });
  const transport = createWsTransport(
    { clock },
    { host: config.GARAM_GATEWAY_HOST, port: config.GARAM_GATEWAY_PORT, frameBytes: options.limits.frameBytes },
  );
  const verifier = createVerifier({ clock }, verifying);
  return {
    service: createGateway({ transport, log, store, bus, verifier, clock, logger, meter, instance }, options),
    logger,
    renderMetrics: render,
    healthPort: config.GARAM_HEALTH_PORT,
    drainMs: config.GARAM_DRAIN_MS,
    async close() {
      await bus.close();
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
