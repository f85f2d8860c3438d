import { ERRORS, wireError, type ErrorName, type WireError } from '@garam/protocol/errors';
import type { EventRecord } from '@garam/contracts/event-record';
import type { ReplyRecord } from '@garam/contracts/reply-record';
import type { PendingCommand } from './pending-commands.ts';
import type { Accepted, Outcome } from './submit-request.ts';

/** The sequencer found the command too old (its edge was paused): sent anew it is decided. */
const TOO_OLD_RETRY_MS = 200;

/** An event answers the command that led to it: accepted. */
export function outcomeOfEvent(event: EventRecord, { chat, clientId }: PendingCommand): Outcome {
  const seq = event.body.type === 'message.created' ? event.seq : 0;
  return { ok: { chat, clientId, seq, rev: event.rev, at: Math.floor(event.clock / 1_000) } };
}

export function outcomeOfReply(reply: ReplyRecord, command: PendingCommand): Outcome {
  if (reply.outcome === 'refused') return { error: errorOf(reply.error, command.refusal) };
  const { chat, clientId } = command;
  const ok: Accepted = { chat, clientId, seq: reply.seq, rev: reply.rev, at: Math.floor(reply.clock / 1_000) };
  if (reply.outcome === 'duplicate') ok.duplicate = true;
  else ok.unchanged = true;
  return { ok };
}

function errorOf(name: string | undefined, refusal: WireError | undefined): WireError {
  if (refusal !== undefined && refusal.name === name) return refusal;
  if (name === undefined || !Object.hasOwn(ERRORS, name)) return wireError('internal');
  return wireError(name as ErrorName, name === 'unavailable' ? { retryAfterMs: TOO_OLD_RETRY_MS } : {});
}
