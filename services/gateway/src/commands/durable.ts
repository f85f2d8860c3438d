import { chatOf } from '@garam/intake/derive-chat-id';
import type { Accepted, Actor, Outcome, SubmitRequest } from '@garam/intake/submit-request';
import type { CommandFields, DurableCommandType } from '@garam/protocol/commands';
import type { Summary } from '@garam/protocol/entities';
import type { WireError } from '@garam/protocol/errors';
import { withDeadline } from '@garam/runtime/deadline';
import type { LaneCommand } from '../connection/lanes.ts';
import { DeliveryTimeout } from '../delivery/delivery-core.ts';
import type { Call } from './call.ts';
import { wireErrorOf } from './call.ts';

/** The command has been accepted; a Summary that takes longer is asked for again by the client, with a higher attempt. */
const SUMMARY_TIMEOUT_MS = 4_000;

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
  const { session } = call;
  const attempt = fields.attempt ?? 1;
  const submit: LaneCommand['submit'] = (sentAt, stillWanted, done) => {
    const actor: Actor = { id: session.user, silencedUntil: session.silencedUntil };
    const traceparent = call.edge.newTraceparent();
    const request = { type, fields, actor, attempt, readAt: sentAt, stillWanted, traceparent } as SubmitRequest;
    try {
      return call.edge.intake.submit(request, done);
    } catch (error) {
      done({ error: wireErrorOf(error, call.edge) });
      return undefined;
    }
  };
  const command: LaneCommand = {
    clientId: fields.clientId,
    attempt,
    isSend: type === 'message.send',
    readAt: call.readAt,
    submit: (...given) => session.standingRead?.then(() => submit(...given)) ?? submit(...given),
    answer: (outcome) => answer(call, type, outcome),
  };
  const actor: Actor = { id: session.user, silencedUntil: 0 };
  return { chat: chatOf({ type, fields, actor }), command };
}

function answer(call: Call, type: DurableCommandType, { ok, error }: Outcome): void {
  if (ok === undefined) return call.fail(error);
  const { chat, rev } = ok;
  if (ok.duplicate === true || ok.unchanged === true) call.edge.delivery.learn(chat, rev);
  if (type === 'chat.create' || type === 'chat.join') {
    void answerWithSummary(call, ok);
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
  const { delivery, views, clock } = call.edge;
  const attachment = call.session.attachment!;
  let isAnswered = false;
  const greet = (summary: Summary) => {
    if (isAnswered) return;
    isAnswered = true;
    call.ok({ chat: summary, ...extras(accepted) });
  };
  try {
    if (!attachment.chats.has(chat)) {
      const joining = delivery.join(attachment, chat, rev, greet);
      await withDeadline(joining, SUMMARY_TIMEOUT_MS, clock, () => new DeliveryTimeout('the Summary'));
    }
    if (!isAnswered) greet(await views.chat(call.session.user, chat, Math.max(rev, call.knownRev(chat))));
  } catch (error) {
    if (!isAnswered) call.fail(wireErrorOf(error, call.edge));
    isAnswered = true;
  }
}

function extras({ duplicate, unchanged }: Accepted): { duplicate?: true; unchanged?: true } {
  return { ...(duplicate === true ? { duplicate } : {}), ...(unchanged === true ? { unchanged } : {}) };
}
