import type { ViewReads } from '@garam/store/view-reads';
import { createBoundedMap } from './bounded-map.ts';

export interface DirectPeers {
  /** The other person of a direct chat, oneself in one's notes; undefined for someone who is not in it. */
  peerOf(viewer: string, chat: string): Promise<string | undefined>;
}

const CHATS_MAX = 50_000;

/** The people of a direct chat never change: they are read once. */
export function createDirectPeers(deps: { reads: Pick<ViewReads, 'members'> }): DirectPeers {
  const peopleOf = createBoundedMap<string, readonly string[]>(CHATS_MAX);
  return {
    async peerOf(viewer, chat) {
      let people = peopleOf.get(chat);
      if (people === undefined) {
        people = (await deps.reads.members(chat, { limit: 2 })).map((member) => member.user);
        if (people.length > 0) peopleOf.set(chat, people);
      }
      return people.includes(viewer) ? (people.find((user) => user !== viewer) ?? viewer) : undefined;
    },
  };
}
