import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { observeProcess } from '@garam/adapters/observe-process';
import { openAdapters, type Adapters } from '@garam/adapters/open-adapters';
import { parseAdapterUrls } from '@garam/adapters/parse-adapter-urls';
import { createDevIssuer } from '@garam/auth/dev-issuer';
import { createVerifier, type Verifier } from '@garam/auth/verifier';
import { createIntake } from '@garam/intake/create-intake';
import type { Intake } from '@garam/intake/intake';
import { systemClock } from '@garam/runtime/system-clock';
import { createApi } from '@garam/service-api/api';
import type { Api } from '@garam/service-api/api-deps';
import { apiOptions, intakeOptions, verifierOptions } from '@garam/service-api/config';
import { createFanout } from '@garam/service-fanout/fanout';
import { fanoutOptions } from '@garam/service-fanout/config';
import { createGateway } from '@garam/service-gateway/gateway';
import { gatewayOptions } from '@garam/service-gateway/config';
import { createPersister } from '@garam/service-persister/persister';
import { persisterOptions } from '@garam/service-persister/config';
import { createReceipts } from '@garam/service-receipts/receipts';
import { receiptsOptions } from '@garam/service-receipts/config';
import { createSequencer } from '@garam/service-sequencer/sequencer';
import { sequencerOptions } from '@garam/service-sequencer/config';
import type { HealthOptions } from '@garam/service/health';
import { loadConfig, type Environment } from '@garam/service/load-config';
import type { OpenService, ServiceProcess } from '@garam/service/run-service';
import type { Service } from '@garam/service/service';
import { createLogger } from '@garam/telemetry/logger';
import { createMetrics, type Metrics } from '@garam/telemetry/meter';
import { createWsTransport } from '@garam/transport-ws/ws-transport';
import { createViews } from '@garam/views/create-views';
import { effectiveConfig, garamConfig, type EffectiveConfig } from './config.ts';
import { readOrCreateDevSecret } from './dev-secret.ts';
import { refuseMovedFolder } from './migrate/folder-note.ts';
import { sayWhere } from './say-where.ts';
import { startInOrder } from './start-in-order.ts';

const WEB_FOLDER = resolve(import.meta.dirname, '../../web/public');

/** Every service in this process, on one port. */
export async function composeAllInOne(environment: Environment): Promise<ServiceProcess> {
  const given = loadConfig(garamConfig, environment);
  const config = effectiveConfig(given);
  const places = parseAdapterUrls({ log: config.GARAM_LOG, store: config.GARAM_STORE, bus: config.GARAM_BUS });
  const logger = createLogger({ service: 'garam', level: config.GARAM_LOG_LEVEL });
  const metrics = createMetrics();
  if (places.log.kind === 'kafka' && places.bus.kind === 'memory')
    logger.warn('the bus is memory: on a log that others can share: only one process may run');
  return {
    logger,
    renderMetrics: metrics.render,
    drainMs: config.GARAM_DRAIN_MS,
    async open() {
      refuseMovedFolder(given.GARAM_DATA);
      const adapters = await openAdapters(
        places,
        { clock: systemClock, logger, meter: metrics.meter },
        {
          clientName: 'garam',
          openDeadlineMs: config.GARAM_START_TIMEOUT_MS,
          provision: config.GARAM_PROVISION,
        },
      );
      return composeServices(config, { adapters, logger, metrics, dataFolder: given.GARAM_DATA });
    },
  };
}

interface Surroundings {
  adapters: Adapters;
  logger: ReturnType<typeof createLogger>;
  metrics: Metrics;
  dataFolder: string;
}

function composeServices(config: EffectiveConfig, surroundings: Surroundings): OpenService {
  const { adapters, logger, metrics } = surroundings;
  observeProcess(metrics.meter, adapters);
  const deps = { ...adapters, clock: systemClock, logger, meter: metrics.meter };
  const inside = [
    createSequencer(deps, sequencerOptions(config)),
    createPersister(deps, persisterOptions(config)),
    createFanout(deps, fanoutOptions(config)),
    createReceipts(deps, receiptsOptions(config)),
  ];
  const { gateway, api, intake } = composeEdge(config, { ...surroundings, inside });
  // The api opens the port when the gateway is there to take its upgrades; the gateway says good-bye before it closes.
  // What the edges have accepted is still carried through the log.
  const service = startInOrder('garam', [...inside, gateway, api], [gateway, api, ...inside.toReversed()]);
  return {
    service: sayWhere(service, { port: api.port, host: config.GARAM_API_HOST, isDevelopment: config.isDevelopment }),
    async close() {
      intake.stop();
      await adapters.close();
    },
  };
}

interface EdgeContext extends Surroundings {
  inside: readonly Service[];
}

/** Gateway and api on the same HTTP server. */
function composeEdge(config: EffectiveConfig, context: EdgeContext): { gateway: Service; api: Api; intake: Intake } {
  const clock = systemClock;
  const { log, store, bus } = context.adapters;
  const { meter } = context.metrics;
  const sources = { reads: store.reads, users: store.users, recent: bus.recent, clock };
  const { verifier, devIssuer } = composeTokens(config, context.dataFolder);
  // One intake for both edges: one bound on what waits, and what one is told the other knows.
  const instance = `edge-${randomUUID()}`;
  const intake = createIntake({ ...sources, log, meter }, { ...intakeOptions(config), origin: instance });
  const services: Service[] = [...context.inside];
  const health: HealthOptions = { services, renderMetrics: context.metrics.render };
  const views = createViews(sources, { bigChat: config.GARAM_BIG_CHAT });
  const shared = { log, store, bus, intake, views, verifier, clock, logger: context.logger, meter };
  const api = createApi(
    { ...shared, health, ...(devIssuer === undefined ? {} : { devIssuer }) },
    {
      ...apiOptions(config),
      ownsIntake: false,
      webFolder: resolve(config.GARAM_WEB_FOLDER ?? WEB_FOLDER),
    },
  );
  const options = gatewayOptions(config);
  const transport = createWsTransport({ clock }, { server: api.server, frameBytes: options.limits.frameBytes });
  const gateway = createGateway({ ...shared, transport, instance }, options);
  services.push(gateway, api);
  return { gateway, api, intake };
}

function composeTokens(config: EffectiveConfig, dataFolder: string) {
  const clock = systemClock;
  if (!config.isDevelopment)
    return { verifier: createVerifier({ clock }, verifierOptions(config)!), devIssuer: undefined };
  const secret = readOrCreateDevSecret(dataFolder);
  const verifier: Verifier = createVerifier({ clock }, { secret });
  return { verifier, devIssuer: createDevIssuer({ clock }, { secret }) };
}
