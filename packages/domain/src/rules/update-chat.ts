import type { Settings } from '@garam/contracts/chat-values';
import type { EventBody } from '@garam/contracts/event-record';
import { ADMIN_RANK, rankOfActor, type RuleContext } from './actor.ts';
import type { BodyOf } from './body-of.ts';
import { FORBIDDEN, UNCHANGED, type Accepted, type Verdict } from './verdict.ts';

/** Admins and the owner change a chat; a direct chat cannot be changed. The event says what became different. */
export function updateChat({ state, actor }: RuleContext, body: BodyOf<'chat.update'>): Verdict {
  if (state.kind === 'direct' || rankOfActor(actor) < ADMIN_RANK) return FORBIDDEN;
  const updated: EventBody = { type: 'chat.updated' };
  const change: NonNullable<Accepted['state']> = {};
  if (body.title !== undefined && body.title !== state.title) updated.title = change.title = body.title;
  if (body.avatar !== undefined && body.avatar !== state.avatar) updated.avatar = change.avatar = body.avatar;
  const settings = changedSettings(state.settings, body.settings);
  if (settings !== null) updated.settings = change.settings = settings;
  return Object.keys(change).length === 0 ? UNCHANGED : { accepted: { events: [updated], state: change } };
}

/** All settings after the change, null when nothing changes. */
function changedSettings(now: Settings, wanted: Partial<Settings> = {}): Settings | null {
  const next: Settings = {
    join: wanted.join ?? now.join,
    history: wanted.history ?? now.history,
    send: wanted.send ?? now.send,
    invite: wanted.invite ?? now.invite,
  };
  const same = (Object.keys(next) as (keyof Settings)[]).every((key) => next[key] === now[key]);
  return same ? null : next;
}
