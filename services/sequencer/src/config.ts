import { count, milliseconds } from '@garam/service/config-fields';
import { processFields } from '@garam/service/process-fields';
import { z } from 'zod';
import type { SequencerOptions } from './sequencer.ts';

const { GARAM_BUS: _noBus, ...usedFields } = processFields;

export const sequencerConfig = z.object({
  ...usedFields,
  GARAM_SEQUENCER_FLUSH_INTERVAL_MS: milliseconds(10, 60_000)
    .default(500)
    .describe('States are saved and positions committed this often; a restart decides again what came later'),
  GARAM_SEQUENCER_DIRTY_CHATS_MAX: count(1, 100_000)
    .default(2_000)
    .describe('A flush begins earlier when so many chats of a partition wait for it'),
  GARAM_SEQUENCER_BACKLOG_MAX: count(1, 1_000_000)
    .default(10_000)
    .describe('Commands of a partition decided and not yet acknowledged by the log'),
  GARAM_SEQUENCER_PARKED_MAX: count(1, 1_000_000)
    .default(5_000)
    .describe('Commands of a partition that wait for rows of the store'),
  GARAM_SEQUENCER_UNSAVED_COMMANDS_MAX: count(1, 10_000_000)
    .default(200_000)
    .describe('Commands of a partition acknowledged and not yet saved: how long it goes on without the store'),
  GARAM_SEQUENCER_MEMORY_ROWS_MAX: count(100, 100_000_000)
    .default(500_000)
    .describe('Chats, members and sent entries a partition keeps in memory'),
  GARAM_SEQUENCER_BATCH_RECORDS_MAX: count(1, 100_000).default(1_000).describe('Records of one append'),
  GARAM_SEQUENCER_BATCH_BYTES_MAX: count(1_024, 100_000_000)
    .default(524_288)
    .describe('Bytes of one append; below what the log takes in one request'),
});

export function sequencerOptions(config: z.infer<typeof sequencerConfig>): SequencerOptions {
  return {
    flushIntervalMs: config.GARAM_SEQUENCER_FLUSH_INTERVAL_MS,
    dirtyChatsMax: config.GARAM_SEQUENCER_DIRTY_CHATS_MAX,
    backlogMax: config.GARAM_SEQUENCER_BACKLOG_MAX,
    parkedMax: config.GARAM_SEQUENCER_PARKED_MAX,
    unsavedCommandsMax: config.GARAM_SEQUENCER_UNSAVED_COMMANDS_MAX,
    memoryRowsMax: config.GARAM_SEQUENCER_MEMORY_ROWS_MAX,
    batchRecordsMax: config.GARAM_SEQUENCER_BATCH_RECORDS_MAX,
    batchBytesMax: config.GARAM_SEQUENCER_BATCH_BYTES_MAX,
    backoff: { baseMs: config.GARAM_RETRY_BASE_MS, maxMs: config.GARAM_RETRY_MAX_MS },
    startTimeoutMs: config.GARAM_START_TIMEOUT_MS,
    stallExitMs: config.GARAM_STALL_EXIT_MS,
  };
}
