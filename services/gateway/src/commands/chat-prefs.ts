import type { CommandFields } from '@garam/protocol/commands';
import type { BusEntry } from '@garam/contracts/bus-entry';
import { Refusal } from '@garam/protocol/errors';
import type { Prefs } from '@garam/store/user-store';
import { sessionsOf } from '../edge.ts';
import { publishTo } from '../publish.ts';
import { SharedPush } from '../shared-push.ts';
import type { Call } from './call.ts';

/** Writes the user's own settings of a chat and tells all their devices. */
export async function setChatPrefs(call: Call, fields: CommandFields<'chat.prefs'>): Promise<object> {
  const { edge, session } = call;
  const { user } = session;
  const { chat, muted, pinned, hidden } = fields;
  const { head } = await edge.views.access(user, chat, call.knownRev(chat));
  const prefs: Prefs = {
    ...(muted === undefined ? {} : { muted }),
    ...(pinned === undefined ? {} : { pinned }),
    ...(hidden === undefined ? {} : { hiddenThroughSeq: hidden ? head.seq : 0 }),
  };
  await edge.store.users.putPrefs(user, chat, prefs, edge.clock.now());
  const row = await edge.store.reads.membership(user, chat);
  if (row === null) throw new Refusal('not_found');
  const isHidden = hidden ?? (row.hiddenThroughSeq !== undefined && row.hiddenThroughSeq >= head.seq);
  await tell(call, { kind: 'chat.prefs', user, chat, muted: row.muted, pinned: row.pinned, hidden: isHidden });
  return {};
}

export type PrefsEntry = Extract<BusEntry, { kind: 'chat.prefs' }>;

export function prefsPush({ chat, muted, pinned, hidden }: PrefsEntry): SharedPush {
  return new SharedPush({ t: 'chat.prefs', chat, muted, pinned, hidden });
}

/** Where the bus is out of reach the devices of this gateway are told at least; the others read it again some time. */
async function tell({ edge }: Call, entry: PrefsEntry): Promise<void> {
  try {
    await publishTo(edge.bus, `user:${entry.user}`, entry);
  } catch {
    for (const session of sessionsOf(edge, entry.user)) session.push(prefsPush(entry));
  }
}
