import type { Cause } from './command-record.ts';

/**
 * A record of `garam.chat.replies.v1`: the answer to a command that led to no event of its own
 * (refused, duplicate, no-op). Accepted commands are answered by their event.
 */
export interface ReplyRecord {
  chat: string;
  cause: Cause;
  /** `refused` carries `error`; the others carry the numbers of the first decision or the current ones. */
  outcome: 'duplicate' | 'unchanged' | 'refused';
  /** An error name of the wire, with `refused`. */
  error?: string;
  /** 0 where the first decision was no message. */
  seq: number;
  rev: number;
  clock: number;
}
