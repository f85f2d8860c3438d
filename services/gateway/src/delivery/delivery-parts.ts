import type { RouteKey } from '@garam/bus/bus';
import type { StoredHead } from '@garam/store/view-reads';
import type { DeliveryDeps } from './delivery-deps.ts';
import { foldMembership } from './fold-membership.ts';
import type { RouteTable } from './route-table.ts';

/** Where a chat stood when its route had been written. */
export interface HeadRead {
  stored: StoredHead | null;
  /** Newest rev among the recent events of the bus. */
  recentRev: number;
}

/** Steps whose order or presence carries a guarantee: a test can swap one to show that its absence is noticed. */
export interface DeliveryParts {
  /** Route first, then head: else an event between the two is lost. */
  routeThenHead(deps: DeliveryDeps, routes: RouteTable, chats: readonly string[]): Promise<HeadRead[]>;
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
  async routeThenHead(deps, routes, chats) {
    await routes.add(chats.map((chat): RouteKey => `chat:${chat}`));
    return readHeads(deps, chats);
  },
  judge: (last, rev) => (rev <= last ? 'drop' : rev === last + 1 ? 'pass' : 'hold'),
  foldMembership,
  comparesAfterLoss: true,
  repairsHoles: true,
};

/** Heads as persisted and as the bus remembers them: neither is an authority alone. */
export async function readHeads(deps: DeliveryDeps, chats: readonly string[]): Promise<HeadRead[]> {
  const [recent, stored] = await Promise.all([deps.bus.recent.heads(chats), deps.reads.heads(chats)]);
  return chats.map((_, index) => ({ stored: stored[index] ?? null, recentRev: recent[index] ?? 0 }));
}
