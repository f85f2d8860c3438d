import { chatOf } from '@garam/intake/derive-chat-id';
import type { Accepted, Actor, Outcome, SubmitRequest } from '@garam/intake/submit-request';
import type { CommandFields, DurableCommandType } from '@garam/protocol/commands';
import type { WireError } from '@garam/protocol/errors';
import { newTraceparent } from '@garam/telemetry/traceparent';
import type { LaneCommand } from '../connection/lanes.ts';
import type { Call } from './call.ts';
import { wireErrorOf } from './call.ts';

/** A command that goes through the log, into the lane of its chat. */
export function takeDurable<T extends DurableCommandType>(call: Call, type: T, fields: CommandFields<T>): void {
  const lane = laneOf(call, type, fields);
  call.session.lanes.take(lane.chat, lane.command);
}

/** One that is refused before it gets there (rate, too many in flight): its lane must know. */
export function refuseDurable<T extends DurableCommandType>(
  call: Call,
  { type, fields }: { type: T; fields: CommandFields<T> },
  error: WireError,
): void {
  const lane = laneOf(call, type, fields);
  call.session.lanes.refuse(lane.chat, lane.command, error);
}

function laneOf<T extends DurableCommandType>(
  call: Call,
  type: T,
  fields: CommandFields<T>,
): { chat: string; command: LaneCommand } {
  const actor: Actor = { id: call.session.user, silencedUntil: call.session.silencedUntil };
  const attempt = fields.attempt ?? 1;
  const request = { type, fields, actor } as Pick<SubmitRequest, 'type' | 'fields' | 'actor'>;
  const command: LaneCommand = {
    clientId: fields.clientId,
    attempt,
    isSend: type === 'message.send',
    readAt: call.readAt,
    submit: (sentAt, stillWanted, done) =>
      call.edge.intake.submit(
        { ...request, attempt, readAt: sentAt, stillWanted, traceparent: newTraceparent() } as SubmitRequest,
        done,
      ),
    answer: (outcome) => answer(call, type, outcome),
  };
  return { chat: chatOf(request), command };
}

function answer(call: Call, type: DurableCommandType, { ok, error }: Outcome): void {
  if (ok === undefined) return call.fail(error);
  const { chat, rev } = ok;
  if (ok.duplicate === true || ok.unchanged === true) call.edge.delivery.learn(chat, rev);
  if (type === 'chat.create' || type === 'chat.join') {
    answerWithSummary(call, ok).catch((reason: unknown) => call.fail(wireErrorOf(reason, call.edge)));
    return;
  }
  if (type === 'message.send') {
    const { clientId, seq, at } = ok;
    return call.ok({ chat, clientId, seq, rev, at, ...extras(ok) });
  }
  call.ok({ rev, ...extras(ok) });
}

/** The reply comes before `chat.added`, which comes before the chat's events. */
async function answerWithSummary(call: Call, accepted: Accepted): Promise<void> {
  const { chat, rev } = accepted;
  const { delivery, views } = call.edge;
  const attachment = call.session.attachment!;
  let isAnswered = false;
  if (!attachment.chats.has(chat))
    await delivery.join(attachment, chat, rev, (summary) => {
      isAnswered = true;
      call.ok({ chat: summary, ...extras(accepted) });
    });
  if (isAnswered) return;
  const atLeastRev = Math.max(rev, call.knownRev(chat));
  call.ok({ chat: await views.chat(call.session.user, chat, atLeastRev), ...extras(accepted) });
}

function extras({ duplicate, unchanged }: Accepted): { duplicate?: true; unchanged?: true } {
  return { ...(duplicate === true ? { duplicate } : {}), ...(unchanged === true ? { unchanged } : {}) };
}
