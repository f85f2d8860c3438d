import type { RouteKey } from '@garam/bus/bus';
import type { StoredHead } from '@garam/store/view-reads';
import type { DeliveryCore } from './delivery-core.ts';
import { foldMembership } from './fold-membership.ts';
import { askBus, writeRoutes } from './write-routes.ts';

/** Where a chat stood when its route had been written. */
export interface HeadRead {
  stored: StoredHead | null;
  /** Newest rev among the recent events of the bus and what was read of the log here. */
  recentRev: number;
}

/** Steps whose order or presence carries a guarantee: a test can swap one to show that its absence is noticed. */
export interface DeliveryParts {
  /** Route first, then head: else an event between the two is lost. */
  routeThenHead(core: DeliveryCore, chats: readonly string[]): Promise<HeadRead[]>;
  /** What to do with an event at a gate: only the next one passes. */
  judge(last: number, rev: number): 'drop' | 'pass' | 'hold';
  /** Membership as of the gate's last event, from a row that may be older. */
  foldMembership: typeof foldMembership;
  /** Whether routes are written and heads compared again after the bus was lost. */
  comparesAfterLoss: boolean;
  /** Whether a hole is read again. */
  repairsHoles: boolean;
}

export const deliveryParts: DeliveryParts = {
  async routeThenHead(core, chats) {
    await writeRoutes(
      core,
      chats.map((chat): RouteKey => `chat:${chat}`),
    );
    return readHeads(core, chats);
  },
  judge: (last, rev) => (rev <= last ? 'drop' : rev === last + 1 ? 'pass' : 'hold'),
  foldMembership,
  comparesAfterLoss: true,
  repairsHoles: true,
};

/** Heads as persisted, as the bus remembers them and as read here: none is an authority alone. @throws BusError · StoreError */
export async function readHeads(
  core: DeliveryCore & { isMending?: boolean },
  chats: readonly string[],
): Promise<HeadRead[]> {
  const { bus, reads } = core.deps;
  const [recent, stored] = await Promise.all([askBus(core, () => bus.recent.heads(chats), []), reads.heads(chats)]);
  return chats.map((chat, index) => ({
    stored: stored[index] ?? null,
    recentRev: Math.max(recent[index] ?? 0, core.cover.seenRev(chat)),
  }));
}
