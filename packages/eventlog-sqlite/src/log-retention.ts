import { TOPICS } from '@garam/contracts/topics';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** How long the embedded log keeps each topic's records; events stay: they are the history others read from. */
export const LOG_RETENTION_MS: Readonly<Record<string, number>> = {
  [TOPICS.commands]: 7 * DAY_MS,
  [TOPICS.replies]: DAY_MS,
  [TOPICS.receipts]: DAY_MS,
};
