import type { z } from 'zod';
import { adapterUrl, count, logLevel, milliseconds, onOff } from './config-fields.ts';

/** Keys that every process of the log side has. A service picks the ports it uses. */
export const processFields = {
  GARAM_LOG: adapterUrl(['sqlite', 'kafka'])
    .default('sqlite:./data/garam.db')
    .describe('Where the log is, see Addresses'),
  GARAM_STORE: adapterUrl(['sqlite', 'cassandra'])
    .default('sqlite:./data/garam.db')
    .describe('Where the store is, see Addresses'),
  GARAM_BUS: adapterUrl(['memory', 'redis']).default('memory:').describe('Where the bus is, see Addresses'),
  GARAM_HEALTH_PORT: count(0, 65_535)
    .default(9_090)
    .describe('Internal port of /livez, /readyz and /metrics; 0: any free port'),
  GARAM_LOG_LEVEL: logLevel.default('info').describe('Least severe level that is logged'),
  GARAM_DRAIN_MS: milliseconds(0, 600_000).default(20_000).describe('Time SIGTERM leaves for work under way'),
  GARAM_START_TIMEOUT_MS: milliseconds(100, 600_000)
    .default(60_000)
    .describe('Time until a service must have its partitions'),
  GARAM_PROVISION: onOff
    .default(true)
    .describe('on: missing topics and tables are made at the start; off: `garam provision` does it'),
  GARAM_STALL_EXIT_MS: milliseconds(1_000, 3_600_000)
    .default(60_000)
    .describe(
      'A consumer that finishes nothing for so long, with records waiting and no failure to repeat, ends its process',
    ),
  GARAM_RETRY_BASE_MS: milliseconds(1, 60_000)
    .default(50)
    .describe('First back-off after a failure; doubles, with jitter'),
  GARAM_RETRY_MAX_MS: milliseconds(1, 600_000).default(5_000).describe('Longest back-off'),
} satisfies z.ZodRawShape;
