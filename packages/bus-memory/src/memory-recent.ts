import type { MembershipChange } from '@garam/bus/bus';
import type { EventRecord } from '@garam/contracts/event-record';
import { createRecentLists } from './recent-lists.ts';

export interface MemoryRecent {
  append(event: EventRecord): void;
  /** 0 where nothing is. */
  head(chat: string): number;
  /** afterRev < rev ≤ throughRev, ascending. */
  range(chat: string, afterRev: number, throughRev: number): EventRecord[];
  appendForUser(user: string, change: MembershipChange): void;
  forUser(user: string): MembershipChange[];
}

const CHANGES_PER_USER = 64;
const USERS_MAX = 20_000;

export function createMemoryRecent(bounds: {
  eventsPerChat: number;
  chatsMax: number;
  eventsMax: number;
}): MemoryRecent {
  const chats = createRecentLists<EventRecord>({
    entriesPerKey: bounds.eventsPerChat,
    keysMax: bounds.chatsMax,
    entriesMax: bounds.eventsMax,
    compare: (event, added) => event.rev - added.rev,
  });
  const users = createRecentLists<MembershipChange>({
    entriesPerKey: CHANGES_PER_USER,
    keysMax: USERS_MAX,
    entriesMax: USERS_MAX * CHANGES_PER_USER,
    compare: (change, added) => (isSameChange(change, added) ? 0 : -1),
  });

  return {
    append: (event) => chats.add(event.chat, event),
    head: (chat) => chats.get(chat)?.at(-1)?.rev ?? 0,
    range(chat, afterRev, throughRev) {
      const events = chats.get(chat) ?? [];
      return events.slice(indexAfter(events, afterRev), indexAfter(events, throughRev));
    },
    appendForUser: (user, change) => users.add(user, change),
    forUser: (user) => [...(users.get(user) ?? [])],
  };
}

function isSameChange(one: MembershipChange, other: MembershipChange): boolean {
  return one.chat === other.chat && one.rev === other.rev && one.kind === other.kind;
}

/** Index of the first event with a rev above this one. */
function indexAfter(events: readonly EventRecord[], rev: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (events[middle]!.rev <= rev) low = middle + 1;
    else high = middle;
  }
  return low;
}
