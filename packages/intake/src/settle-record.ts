import { decodeEvent } from '@garam/contracts/event-codec';
import { decodeReply } from '@garam/contracts/reply-codec';
import { TOPICS } from '@garam/contracts/topics';
import type { LogRecord } from '@garam/eventlog/event-log';
import type { Intake } from './intake.ts';

/** Older records answer nobody any more: more than the time a command waits, clocks included. */
const ANSWER_AGE_MAX_MS = 90_000;

/** The log's time from which on a record may answer a command that waits; Infinity: none waits. */
export function answersSince(intake: Pick<Intake, 'load'>, now: number): number {
  return intake.load().waiting > 0 ? now - ANSWER_AGE_MAX_MS : Infinity;
}

/** Answers the command that waits for this record of the events or replies, if one does. */
export function settleRecord(intake: Pick<Intake, 'origin' | 'settle'>, { topic, headers, value }: LogRecord): void {
  if (topic === TOPICS.events) {
    const event = decodeEvent(value);
    if (event !== null) intake.settle({ event });
    return;
  }
  // `ce_id` of a reply is `<origin>:<command>`.
  if (headers['ce_id']?.startsWith(`${intake.origin}:`) === false) return;
  const reply = decodeReply(value);
  if (reply !== null) intake.settle({ reply });
}
