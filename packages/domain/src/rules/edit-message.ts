import type { EventBody } from '@garam/contracts/event-record';
import type { RuleContext } from './actor.ts';
import type { BodyOf } from './body-of.ts';
import { FORBIDDEN, NOT_FOUND, type Verdict } from './verdict.ts';

/** Only its author edits a message. That it may have been deleted meanwhile is for readers: deletion is final. */
export function editMessage({ state, actor }: RuleContext, body: BodyOf<'message.edit'>): Verdict {
  if (body.seq > state.seq) return NOT_FOUND;
  if (body.author !== actor.id) return FORBIDDEN;
  const edited: EventBody = { type: 'message.edited', seq: body.seq };
  if (body.text !== undefined) edited.text = body.text;
  if (body.data !== undefined) edited.data = body.data;
  if (body.mentions !== undefined) edited.mentions = body.mentions;
  return { accepted: { events: [edited] } };
}
