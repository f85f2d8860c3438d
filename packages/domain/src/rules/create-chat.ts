import type { Role } from '@garam/contracts/chat-values';
import type { EventBody } from '@garam/contracts/event-record';
import type { RuleContext } from './actor.ts';
import type { BodyOf } from './body-of.ts';
import { FULL, INVALID, NOT_FOUND, UNCHANGED, type Accepted, type Verdict } from './verdict.ts';

/**
 * Chat ids are derived from what makes a chat the same chat, so creating one that exists is asking for it.
 * The two of a direct chat are equals; elsewhere the creator is the owner. What a service creates has no owner until
 * it names one.
 */
export function createChat({ state, actor }: RuleContext, body: BodyOf<'chat.create'>): Verdict {
  if (state.kind !== null) return actor.role !== null || actor.privileged ? UNCHANGED : NOT_FOUND;
  const users = actor.privileged ? body.members : [...new Set([actor.id, ...body.members])];
  if (body.kind === 'direct' && users.length > 2) return INVALID;
  if (users.length > body.capacity) return FULL;
  const owner = body.kind !== 'direct' && users.includes(actor.id) ? actor.id : undefined;
  const members = users.map((user) => ({ user, role: (user === owner ? 'owner' : 'member') as Role }));
  const { kind, title, avatar, settings } = body;
  const created: EventBody = { type: 'chat.created', kind, settings, members };
  const change: NonNullable<Accepted['state']> = { kind, settings, memberCount: users.length };
  if (owner !== undefined) change.owner = owner;
  if (title !== undefined) created.title = change.title = title;
  if (avatar !== undefined) created.avatar = change.avatar = avatar;
  return { accepted: { events: [created], state: change, members } };
}
