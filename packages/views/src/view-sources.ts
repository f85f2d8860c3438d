import type { Recent } from '@garam/bus/bus';
import type { Clock } from '@garam/runtime/clock';
import type { UserStore } from '@garam/store/user-store';
import type { ViewReads } from '@garam/store/view-reads';
import type { Coalescer } from './coalesce-reads.ts';
import type { DirectPeers } from './direct-peers.ts';
import type { PersistedHeads } from './persisted-heads.ts';
import type { AccessReader } from './read-access.ts';

/** What the views are made from. */
export interface ViewSources {
  reads: ViewReads;
  users: UserStore;
  recent: Recent;
  clock: Clock;
  heads: PersistedHeads;
  access: AccessReader;
  peers: DirectPeers;
  coalescer: Coalescer;
  /** Members above which a chat is big. */
  bigChat: number;
}
