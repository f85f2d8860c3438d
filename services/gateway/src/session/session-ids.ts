import { randomBytes } from 'node:crypto';
import type { Clock } from '@garam/runtime/clock';

/**
 * Session ids that sort by the time they were made (bytewise), strictly within one gateway: of two connections of one
 * device every gateway takes the same one for the newer.
 */
export function createSessionIds(clock: Pick<Clock, 'now'>): () => string {
  let last = 0;
  return () => {
    last = Math.max(last + 1, clock.now());
    return `${last.toString(36).padStart(9, '0')}${randomBytes(12).toString('base64url')}`;
  };
}
