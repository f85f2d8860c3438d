import { milliseconds } from '@garam/service/config-fields';
import { processFields } from '@garam/service/process-fields';
import { z } from 'zod';
import type { PersisterOptions } from './persister.ts';

const { GARAM_BUS: _noBus, ...usedFields } = processFields;

export const persisterConfig = z.object({
  ...usedFields,
  GARAM_PERSISTER_COMMIT_INTERVAL_MS: milliseconds(0, 60_000)
    .default(200)
    .describe('At most one commit of a position per partition in this time; a restart repeats what came later'),
  GARAM_PERSISTER_PACE_MS: milliseconds(0, 1_000)
    .default(50)
    .describe(
      'Shortest time between two batches of a partition, and between two reads of the log; what comes within it is written together',
    ),
});

export function persisterOptions(config: z.infer<typeof persisterConfig>): PersisterOptions {
  return {
    backoff: { baseMs: config.GARAM_RETRY_BASE_MS, maxMs: config.GARAM_RETRY_MAX_MS },
    commitIntervalMs: config.GARAM_PERSISTER_COMMIT_INTERVAL_MS,
    paceMs: config.GARAM_PERSISTER_PACE_MS,
    startTimeoutMs: config.GARAM_START_TIMEOUT_MS,
    stallExitMs: config.GARAM_STALL_EXIT_MS,
  };
}
