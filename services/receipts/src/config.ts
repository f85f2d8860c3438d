import { count, milliseconds } from '@garam/service/config-fields';
import { processFields } from '@garam/service/process-fields';
import { z } from 'zod';
import type { ReceiptsOptions } from './receipts.ts';

export const receiptsConfig = z.object({
  ...processFields,
  GARAM_RECEIPTS_WINDOW_MS: milliseconds(0, 10_000).default(200).describe('Marks of a chat are merged over this time'),
  GARAM_RECEIPTS_PENDING_MARKS_MAX: count(1, 1_000_000)
    .default(20_000)
    .describe('Marks a partition folds before it takes no more records'),
  GARAM_RECEIPTS_UNPUBLISHED_MARKS_MAX: count(1, 1_000_000)
    .default(20_000)
    .describe('Marks a partition keeps for publication while the bus is away'),
  GARAM_RECEIPTS_COMMIT_INTERVAL_MS: milliseconds(0, 60_000)
    .default(500)
    .describe('At most one commit of a position per partition in this time'),
});

export function receiptsOptions(config: z.infer<typeof receiptsConfig>): ReceiptsOptions {
  return {
    windowMs: config.GARAM_RECEIPTS_WINDOW_MS,
    pendingMarksMax: config.GARAM_RECEIPTS_PENDING_MARKS_MAX,
    unpublishedMarksMax: config.GARAM_RECEIPTS_UNPUBLISHED_MARKS_MAX,
    backoff: { baseMs: config.GARAM_RETRY_BASE_MS, maxMs: config.GARAM_RETRY_MAX_MS },
    commitIntervalMs: config.GARAM_RECEIPTS_COMMIT_INTERVAL_MS,
    startTimeoutMs: config.GARAM_START_TIMEOUT_MS,
    stallExitMs: config.GARAM_STALL_EXIT_MS,
  };
}
