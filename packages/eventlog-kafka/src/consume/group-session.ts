import type { Cluster } from '../cluster/cluster.ts';
import type { PartitionRef } from '../read/partition-offsets.ts';
import { errorName, KafkaError, refusal } from '../wire/kafka-error.ts';
import { assignPartitions } from './assign-partitions.ts';
import { ASSIGNOR, decodeShare, decodeSubscription, encodeShare, encodeSubscription } from './group-messages.ts';

export interface GroupSessionDeps {
  cluster: Cluster;
  group: string;
  topics: readonly string[];
  /** Connections of one's own: joining keeps one busy for as long as the group needs. */
  joinLane: string;
  lane: string;
  /** Without a heartbeat for this long the coordinator gives a member's partitions to others, ms. */
  sessionTimeoutMs: number;
  /** How long the coordinator waits for members to join again, ms. */
  rebalanceTimeoutMs: number;
}

/** Membership in a group for one generation. */
export interface Generation {
  readonly memberId: string;
  readonly generationId: number;
  readonly share: readonly PartitionRef[];
  readonly isSettled: boolean;
}

/** The requests of a group's member. All throw KafkaError; `code` says what to do next. */
export interface GroupSession {
  join(owned: readonly PartitionRef[]): Promise<Generation>;
  heartbeat(generation: Generation): Promise<void>;
  leave(): Promise<void>;
  /** Forgets who coordinates the group. */
  forgetCoordinator(): void;
  /** Forgets who we were: the next join is a newcomer's. */
  forgetMember(): void;
  coordinator(): Promise<number>;
}

interface JoinAnswer {
  errorCode: number;
  generationId: number;
  leaderId: string;
  memberId: string;
  members: { memberId: string; memberMetadata: Buffer }[];
}

export function createGroupSession(deps: GroupSessionDeps): GroupSession {
  const { cluster, group } = deps;
  let memberId = '';
  let coordinatorNode: number | undefined;

  async function coordinator(): Promise<number> {
    coordinatorNode ??= await cluster.coordinator(group);
    return coordinatorNode;
  }

  async function call<T extends { errorCode: number }>(
    name: 'JoinGroup' | 'SyncGroup' | 'Heartbeat' | 'LeaveGroup',
    payload: object,
  ): Promise<T> {
    const lane = name === 'JoinGroup' || name === 'SyncGroup' ? deps.joinLane : deps.lane;
    const connection = await cluster.connect(await coordinator(), lane);
    const answer = await connection.call<T>(name, { groupId: group, ...payload });
    const error = errorName(answer.errorCode);
    if (error === 'MEMBER_ID_REQUIRED') return answer;
    if (error !== undefined) throw refusal(error, `${name} ${group}`);
    return answer;
  }

  async function join(owned: readonly PartitionRef[]): Promise<Generation> {
    const metadata = encodeSubscription(deps.topics, owned);
    const ask = () =>
      call<JoinAnswer>('JoinGroup', {
        memberId,
        sessionTimeout: deps.sessionTimeoutMs,
        rebalanceTimeout: deps.rebalanceTimeoutMs,
        protocolType: 'consumer',
        groupProtocols: [{ name: ASSIGNOR, metadata }],
      });
    let joined = await ask();
    memberId = joined.memberId;
    // A newcomer is first given its name, so that a lost answer leaves no ghost in the group.
    if (joined.errorCode !== 0) {
      joined = await ask();
      if (joined.errorCode !== 0) throw refusal('UNKNOWN_MEMBER_ID', `JoinGroup ${group}`);
      memberId = joined.memberId;
    }
    return sync(joined);
  }

  async function sync({ generationId, leaderId, members }: JoinAnswer): Promise<Generation> {
    const name = memberId;
    const groupAssignment = leaderId === name ? await plan(members) : [];
    const answer = await call<{ errorCode: number; memberAssignment: Buffer }>('SyncGroup', {
      generationId,
      memberId: name,
      groupAssignment,
    });
    return { memberId: name, generationId, ...decodeShare(answer.memberAssignment) };
  }

  async function plan(members: JoinAnswer['members']) {
    const subscribed = members.map(({ memberId: id, memberMetadata }) => ({ id, ...decodeSubscription(memberMetadata) }));
    const topics = [...new Set(subscribed.flatMap((member) => member.topics))];
    await cluster.refresh(topics);
    const { shares, isSettled } = assignPartitions(subscribed, (topic) => {
      const found = cluster.topic(topic);
      if (found === undefined) throw new KafkaError('not_sent', `topic ${topic} is not there`);
      return found.partitions.length;
    });
    return [...shares].map(([id, share]) => ({ memberId: id, memberAssignment: encodeShare(share, isSettled) }));
  }

  return {
    join,
    async heartbeat({ memberId: id, generationId }) {
      await call('Heartbeat', { memberId: id, groupGenerationId: generationId });
    },
    async leave() {
      const name = memberId;
      memberId = '';
      if (name !== '') await call('LeaveGroup', { memberId: name });
    },
    forgetCoordinator: () => void (coordinatorNode = undefined),
    forgetMember: () => void (memberId = ''),
    coordinator,
  };
}
