import { randomBytes } from 'node:crypto';

/**
 * A session id that sorts by the time it was made (bytewise), so that of two connections of one device every gateway
 * takes the same one for the newer.
 */
export function newSessionId(nowMs: number): string {
  return `${nowMs.toString(36).padStart(9, '0')}${randomBytes(12).toString('base64url')}`;
}
