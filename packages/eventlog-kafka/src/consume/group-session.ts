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

interface JoinAnswer {
  errorCode: number;
  generationId: number;
  leaderId: string;
  memberId: string;
  members: { memberId: string; memberMetadata: Buffer }[];
}

/** The requests of a group's member. All throw KafkaError; `code` says what to do next. */
export class GroupSession {
  readonly #deps: GroupSessionDeps;
  #memberId = '';
  #coordinatorNode: number | undefined;

  constructor(deps: GroupSessionDeps) {
    this.#deps = deps;
  }

  async coordinator(): Promise<number> {
    this.#coordinatorNode ??= await this.#deps.cluster.coordinator(this.#deps.group);
    return this.#coordinatorNode;
  }

  async #call<T extends { errorCode: number }>(
    name: 'JoinGroup' | 'SyncGroup' | 'Heartbeat' | 'LeaveGroup',
    payload: object,
  ): Promise<T> {
    const lane = name === 'JoinGroup' || name === 'SyncGroup' ? this.#deps.joinLane : this.#deps.lane;
    const connection = await this.#deps.cluster.connect(await this.coordinator(), lane);
    const answer = await connection.call<T>(name, { groupId: this.#deps.group, ...payload });
    const error = errorName(answer.errorCode);
    if (error === 'MEMBER_ID_REQUIRED') return answer;
    if (error !== undefined) throw refusal(error, `${name} ${this.#deps.group}`);
    return answer;
  }

  async join(owned: readonly PartitionRef[]): Promise<Generation> {
    const metadata = encodeSubscription(this.#deps.topics, owned);
    const ask = () =>
      this.#call<JoinAnswer>('JoinGroup', {
        memberId: this.#memberId,
        sessionTimeout: this.#deps.sessionTimeoutMs,
        rebalanceTimeout: this.#deps.rebalanceTimeoutMs,
        protocolType: 'consumer',
        groupProtocols: [{ name: ASSIGNOR, metadata }],
      });
    let joined = await ask();
    this.#memberId = joined.memberId;
    // A newcomer is first given its name, so that a lost answer leaves no ghost in the group.
    if (joined.errorCode !== 0) {
      joined = await ask();
      if (joined.errorCode !== 0) throw refusal('UNKNOWN_MEMBER_ID', `JoinGroup ${this.#deps.group}`);
      this.#memberId = joined.memberId;
    }
    return this.#sync(joined);
  }

  async heartbeat({ memberId, generationId }: Generation): Promise<void> {
    await this.#call('Heartbeat', { memberId, groupGenerationId: generationId });
  }

  async leave(): Promise<void> {
    const memberId = this.#memberId;
    this.#memberId = '';
    if (memberId !== '') await this.#call('LeaveGroup', { memberId });
  }

  /** Forgets who coordinates the group. */
  forgetCoordinator(): void {
    this.#coordinatorNode = undefined;
  }

  /** Forgets who we were: the next join is a newcomer's. */
  forgetMember(): void {
    this.#memberId = '';
  }

  async #sync({ generationId, leaderId, members }: JoinAnswer): Promise<Generation> {
    const name = this.#memberId;
    const groupAssignment = leaderId === name ? await this.#plan(members) : [];
    const answer = await this.#call<{ errorCode: number; memberAssignment: Buffer }>('SyncGroup', {
      generationId,
      memberId: name,
      groupAssignment,
    });
    return { memberId: name, generationId, ...decodeShare(answer.memberAssignment) };
  }

  async #plan(members: JoinAnswer['members']) {
    const subscribed = members.map(({ memberId: id, memberMetadata }) => ({
      id,
      ...decodeSubscription(memberMetadata),
    }));
    const topics = [...new Set(subscribed.flatMap((member) => member.topics))];
    await this.#deps.cluster.refresh(topics);
    const { shares, isSettled } = assignPartitions(subscribed, (topic) => {
      const found = this.#deps.cluster.topic(topic);
      if (found === undefined) throw new KafkaError('not_sent', `topic ${topic} is not there`);
      return found.partitions.length;
    });
    return [...shares].map(([id, share]) => ({ memberId: id, memberAssignment: encodeShare(share, isSettled) }));
  }
}
