import type { EventBody } from '@garam/contracts/event-record';
import { ADMIN_RANK, rankOfActor, type RuleContext } from './actor.ts';
import type { BodyOf } from './body-of.ts';
import { FORBIDDEN, INVALID, type Verdict } from './verdict.ts';

/** Members write, or only admins where the chat says so; system messages are for servers. */
export function sendMessage({ state, actor }: RuleContext, body: BodyOf<'message.send'>, clientId: string): Verdict {
  if (body.kind === 'system' && !actor.privileged) return FORBIDDEN;
  if (state.settings.send === 'admins' && rankOfActor(actor) < ADMIN_RANK) return FORBIDDEN;
  if (body.replyTo !== undefined && body.replyTo > state.seq) return INVALID;
  return { accepted: { events: [created(body, clientId)], message: true } };
}

function created(body: BodyOf<'message.send'>, clientId: string): EventBody {
  const event: EventBody = { type: 'message.created', clientId, kind: body.kind };
  if (body.text !== undefined) event.text = body.text;
  if (body.data !== undefined) event.data = body.data;
  if (body.replyTo !== undefined) event.replyTo = body.replyTo;
  if (body.mentions !== undefined) event.mentions = body.mentions;
  if (body.attachments !== undefined) event.attachments = body.attachments;
  return event;
}
