import { resolve } from 'node:path';
import { apiConfig } from '@garam/service-api/config';
import { fanoutConfig } from '@garam/service-fanout/config';
import { gatewayConfig } from '@garam/service-gateway/config';
import { persisterConfig } from '@garam/service-persister/config';
import { receiptsConfig } from '@garam/service-receipts/config';
import { sequencerConfig } from '@garam/service-sequencer/config';
import { count, milliseconds } from '@garam/service/config-fields';
import { z } from 'zod';

/** What each service can be told as a process of its own. */
export const SERVICE_CONFIGS = {
  gateway: gatewayConfig,
  api: apiConfig,
  sequencer: sequencerConfig,
  persister: persisterConfig,
  fanout: fanoutConfig,
  receipts: receiptsConfig,
};

const services = z.object({
  ...sequencerConfig.shape,
  ...persisterConfig.shape,
  ...fanoutConfig.shape,
  ...receiptsConfig.shape,
  ...apiConfig.shape,
  ...gatewayConfig.shape,
});

/** Everything the all-in-one can be told: the services' keys, with one port and one data folder for all. */
export const garamConfig = services
  .omit({
    GARAM_HEALTH_PORT: true,
    GARAM_API_HOST: true,
    GARAM_API_PORT: true,
    GARAM_GATEWAY_HOST: true,
    GARAM_GATEWAY_PORT: true,
  })
  .extend({
    GARAM_PORT: count(0, 65_535)
      .default(8_080)
      .describe('The one port: WebSocket, HTTP, health and the web client; 0: any free port'),
    GARAM_HOST: z
      .string()
      .optional()
      .describe(
        'Address to listen on. Default: every address with a JWT secret or JWKS address, else 127.0.0.1, and then nothing else is allowed',
      ),
    GARAM_DATA: z.string().default('./data').describe('Folder of the database and the development secret'),
    GARAM_LOG: services.shape.GARAM_LOG.unwrap()
      .optional()
      .describe('Where the log is, see Addresses; default: garam.db in the data folder'),
    GARAM_STORE: services.shape.GARAM_STORE.unwrap()
      .optional()
      .describe('Where the store is, see Addresses; default: garam.db in the data folder'),
    // One file for everything: what is written together shares pages, its write-ahead log and the time of one core.
    GARAM_PERSISTER_PACE_MS: withDefault(services.shape.GARAM_PERSISTER_PACE_MS, 100),
    GARAM_SEQUENCER_FLUSH_INTERVAL_MS: withDefault(services.shape.GARAM_SEQUENCER_FLUSH_INTERVAL_MS, 2_000),
    GARAM_DRAIN_MS: milliseconds(0, 600_000)
      .default(5_000)
      .describe('Time SIGTERM leaves clients to connect elsewhere and work to end'),
  });

/** The same setting with another default. */
function withDefault(field: z.ZodDefault<z.ZodCoercedNumber>, value: number) {
  return field
    .unwrap()
    .default(value)
    .describe(field.description ?? '');
}

export type GaramConfig = z.infer<typeof garamConfig>;

/** What is in force: the services' own keys again, derived from the shared ones. */
export type EffectiveConfig = z.infer<typeof services> & {
  /** No way to verify tokens is configured: development tokens are handed out, on this machine only. */
  isDevelopment: boolean;
};

export function effectiveConfig(config: GaramConfig): EffectiveConfig {
  const { GARAM_PORT: port, GARAM_HOST, ...rest } = config;
  const database = `sqlite:${resolve(config.GARAM_DATA, 'garam.db')}`;
  const isDevelopment = config.GARAM_JWT_SECRET === undefined && config.GARAM_JWKS_URL === undefined;
  const host = isDevelopment ? '127.0.0.1' : (GARAM_HOST ?? '0.0.0.0');
  return {
    ...rest,
    GARAM_LOG: config.GARAM_LOG ?? database,
    GARAM_STORE: config.GARAM_STORE ?? database,
    GARAM_HEALTH_PORT: port,
    GARAM_API_HOST: host,
    GARAM_API_PORT: port,
    GARAM_GATEWAY_HOST: host,
    GARAM_GATEWAY_PORT: port,
    isDevelopment,
  };
}
