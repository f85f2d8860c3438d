import type { Clock } from '@garam/runtime/clock';
import type { ViewReads } from '@garam/store/view-reads';
import { createBoundedMap } from './bounded-map.ts';
import { mapBounded } from './map-bounded.ts';

const READS_AT_ONCE = 16;
const PAIRS_MAX = 100_000;
const TTL_MS = 60_000;

/** Those of the given users who share a chat with the viewer, or are the viewer. Answers may be a minute old. */
export function createAcquaintances(deps: {
  reads: Pick<ViewReads, 'chatsOf'>;
  clock: Clock;
}): (viewer: string, users: readonly string[]) => Promise<string[]> {
  const { reads, clock } = deps;
  const known = createBoundedMap<string, number>(PAIRS_MAX);

  return async (viewer, users) => {
    const now = clock.monotonic();
    const isKnown = (user: string) => user === viewer || now - (known.get(`${viewer}\n${user}`) ?? -Infinity) < TTL_MS;
    const unsure = users.filter((user) => !isKnown(user));
    if (unsure.length > 0) {
      const own = new Set(await presentChats(reads, viewer));
      await mapBounded(unsure, READS_AT_ONCE, async (user) => {
        const shared = own.size > 0 && (await presentChats(reads, user)).some((chat) => own.has(chat));
        if (shared) known.set(`${viewer}\n${user}`, now);
      });
    }
    return users.filter(isKnown);
  };
}

async function presentChats(reads: Pick<ViewReads, 'chatsOf'>, user: string): Promise<string[]> {
  return (await reads.chatsOf(user)).filter((row) => row.role !== null).map((row) => row.chat);
}
