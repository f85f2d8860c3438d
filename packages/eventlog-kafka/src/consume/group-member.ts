import { backoffDelayMs } from '@garam/runtime/backoff';
import type { Clock } from '@garam/runtime/clock';
import type { PartitionRef } from '../read/partition-offsets.ts';
import { codeOf, isHopeless } from '../wire/kafka-error.ts';
import type { Generation, GroupSession } from './group-session.ts';

export interface GroupMemberDeps {
  clock: Clock;
  session: GroupSession;
  heartbeatIntervalMs: number;
  sessionTimeoutMs: number;
  /** What is held now. */
  owned(): readonly PartitionRef[];
  take(partitions: readonly PartitionRef[]): void;
  release(partitions: readonly PartitionRef[]): Promise<void>;
  /** The membership is over: everything is let go at once. */
  drop(): void;
  /** The group has shared its partitions and nobody waits for any. */
  settled(): void;
  onError(error: unknown): void;
}

export interface GroupMember {
  /** Membership as far as known. */
  readonly generation: Generation | undefined;
  /** Resolves after `stop`; rejects when going on would never succeed. */
  run(): Promise<void>;
  stop(): void;
}

const BACKOFF = { baseMs: 100, maxMs: 2_000 };
const keyOf = ({ topic, partition }: PartitionRef) => `${topic}/${partition}`;

/**
 * The life of a member: join → hold the share → heartbeats until the group shares anew → join again, still holding
 * everything. What the new share lacks is let go, handlers ending first, and then joining once more lets others have it.
 * A member that the coordinator does not know any more, or cannot have heard for a session, lets go of everything.
 */
export function createGroupMember(deps: GroupMemberDeps): GroupMember {
  const { clock, session } = deps;
  const stopping = new AbortController();
  let generation: Generation | undefined;
  let heardAtMs = clock.monotonic();
  let failures = 0;

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await liveOneGeneration();
      } catch (error) {
        if (stopping.signal.aborted) return;
        if (isHopeless(error)) throw error;
        await recover(error);
      }
    }
  }

  async function liveOneGeneration(): Promise<void> {
    const joined = await session.join(deps.owned());
    if (stopping.signal.aborted) return;
    heard();
    generation = joined;
    const share = new Set(joined.share.map(keyOf));
    const lost = deps.owned().filter((partition) => !share.has(keyOf(partition)));
    deps.take(joined.share);
    if (lost.length > 0) return deps.release(lost);
    if (joined.isSettled) deps.settled();
    while (!stopping.signal.aborted) {
      await clock.sleep(deps.heartbeatIntervalMs, stopping.signal);
      if (stopping.signal.aborted) return;
      await session.heartbeat(joined);
      heard();
    }
  }

  function heard(): void {
    heardAtMs = clock.monotonic();
    failures = 0;
  }

  async function recover(error: unknown): Promise<void> {
    const code = codeOf(error);
    if (code === 'REBALANCE_IN_PROGRESS') return heard();
    deps.onError(error);
    if (code === 'UNKNOWN_MEMBER_ID' || code === 'ILLEGAL_GENERATION') {
      session.forgetMember();
      dropAll();
    } else {
      session.forgetCoordinator();
      if (clock.monotonic() - heardAtMs > deps.sessionTimeoutMs) dropAll();
    }
    await clock.sleep(backoffDelayMs(failures++, BACKOFF, clock.random), stopping.signal);
  }

  function dropAll(): void {
    generation = undefined;
    deps.drop();
  }

  return {
    get generation() {
      return generation;
    },
    run,
    stop: () => stopping.abort(),
  };
}
