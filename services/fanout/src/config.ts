import { milliseconds } from '@garam/service/config-fields';
import { processFields } from '@garam/service/process-fields';
import { z } from 'zod';
import type { FanoutOptions } from './fanout.ts';

const { GARAM_STORE: _noStore, ...usedFields } = processFields;

export const fanoutConfig = z.object({
  ...usedFields,
  GARAM_FANOUT_COMMIT_INTERVAL_MS: milliseconds(0, 60_000)
    .default(200)
    .describe('At most one commit of a position per partition in this time; a restart publishes again what came later'),
});

export function fanoutOptions(config: z.infer<typeof fanoutConfig>): FanoutOptions {
  return {
    backoff: { baseMs: config.GARAM_RETRY_BASE_MS, maxMs: config.GARAM_RETRY_MAX_MS },
    commitIntervalMs: config.GARAM_FANOUT_COMMIT_INTERVAL_MS,
    startTimeoutMs: config.GARAM_START_TIMEOUT_MS,
    stallExitMs: config.GARAM_STALL_EXIT_MS,
  };
}
