import { randomUUID } from 'node:crypto';
import { systemClock } from '@garam/runtime/system-clock';
import { ConfigError } from '@garam/service/load-config';
import type { ServiceProcess } from '@garam/service/run-service';
import type { Service } from '@garam/service/service';
import { createLogger, type LogLevel } from '@garam/telemetry/logger';
import { createMetrics } from '@garam/telemetry/meter';
import type { AdapterDeps } from './adapter-deps.ts';
import { observeProcess } from './observe-process.ts';
import { openAdapters, type Adapters } from './open-adapters.ts';
import { parseAdapterUrls, type AdapterUrls, type Places, type PortName } from './parse-adapter-urls.ts';

/** The settings every process of one service has. */
export interface ProcessConfig {
  GARAM_HEALTH_PORT: number;
  GARAM_LOG_LEVEL: LogLevel;
  GARAM_DRAIN_MS: number;
  GARAM_START_TIMEOUT_MS: number;
  GARAM_PROVISION: boolean;
}

export interface ProcessParts<Port extends PortName> {
  /** The ports the service uses, by address. */
  urls: AdapterUrls<Port>;
  create(deps: Adapters<Port> & AdapterDeps & { instance: string }): Service;
}

/**
 * One service as a process of its own, on the adapters its configuration names.
 * @throws ConfigError
 */
export function composeProcess<Port extends PortName>(
  name: string,
  config: ProcessConfig,
  { urls, create }: ProcessParts<Port>,
): ServiceProcess {
  const places = parseAdapterUrls(urls);
  const { bus }: Partial<Places> = places;
  if (bus?.kind === 'memory')
    throw new ConfigError(['GARAM_BUS: memory: reaches this process alone; services of their own meet at redis://…']);
  const instance = `${name}-${randomUUID()}`;
  const logger = createLogger({ service: name, level: config.GARAM_LOG_LEVEL, instance });
  const { meter, render } = createMetrics();
  const deps = { clock: systemClock, logger, meter };
  return {
    logger,
    renderMetrics: render,
    healthPort: config.GARAM_HEALTH_PORT,
    drainMs: config.GARAM_DRAIN_MS,
    async open() {
      const adapters = await openAdapters(places, deps, {
        clientName: `garam-${name}`,
        openDeadlineMs: config.GARAM_START_TIMEOUT_MS,
        provision: config.GARAM_PROVISION,
      });
      observeProcess(meter, adapters);
      return { service: create({ ...adapters, ...deps, instance }), close: adapters.close };
    },
  };
}
