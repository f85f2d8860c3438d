import { LogError } from '@garam/eventlog/event-log';
import { backoffDelayMs } from '@garam/runtime/backoff';
import type { Clock } from '@garam/runtime/clock';
import type { BrokerConnection } from '../cluster/open-connection.ts';
import type { PartitionRef } from '../read/partition-offsets.ts';
import { codeOf, errorName, KafkaError, refusal, STALE_COORDINATOR } from '../wire/kafka-error.ts';
import type { Generation } from './group-session.ts';

export interface CommitQueueDeps {
  clock: Clock;
  group: string;
  /** Membership as it is now; undefined when we are not in the group. */
  generation(): Generation | undefined;
  coordinator(): Promise<BrokerConnection>;
  forgetCoordinator(): void;
  /** How long a commit is repeated, ms. */
  deadlineMs: number;
}

interface WaitingCommit extends PartitionRef {
  offset: number;
  dueMs: number;
  resolvers: { resolve(): void; reject(error: LogError): void }[];
}

const BACKOFF = { baseMs: 50, maxMs: 500 };

/**
 * Commits of a turn, and of the time a request is on its way, go together in one request; per partition only the
 * furthest counts. While the group shares its partitions anew a commit is repeated with the new generation.
 */
export class CommitQueue {
  readonly #deps: CommitQueueDeps;
  #waiting = new Map<string, WaitingCommit>();
  #isBusy = false;
  #failures = 0;
  #emptied: (() => void)[] = [];

  constructor(deps: CommitQueueDeps) {
    this.#deps = deps;
  }

  commit({ topic, partition }: PartitionRef, nextOffset: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const dueMs = this.#deps.clock.monotonic() + this.#deps.deadlineMs;
      this.#enqueue({ topic, partition, offset: nextOffset, dueMs, resolvers: [{ resolve, reject }] });
      if (this.#isBusy) return;
      this.#isBusy = true;
      this.#deps.clock.endOfTurn(() => void this.#flush());
    });
  }

  /** Fails what waits: the membership it belongs to is over. */
  drop(): void {
    const dropped = this.#waiting;
    this.#waiting = new Map();
    for (const commit of dropped.values()) failCommit(commit, new LogError('closed', 'the assignment has ended'));
  }

  /** Resolves when nothing waits any more. */
  drained(): Promise<void> {
    return this.#isBusy ? new Promise((resolve) => this.#emptied.push(resolve)) : Promise.resolve();
  }

  #enqueue(commit: WaitingCommit): void {
    const key = `${commit.topic}/${commit.partition}`;
    const same = this.#waiting.get(key);
    if (same === undefined) return void this.#waiting.set(key, commit);
    same.offset = Math.max(same.offset, commit.offset);
    same.dueMs = Math.min(same.dueMs, commit.dueMs);
    same.resolvers.push(...commit.resolvers);
  }

  async #flush(): Promise<void> {
    while (this.#waiting.size > 0) {
      const taken = this.#waiting;
      this.#waiting = new Map();
      try {
        this.#settle(taken, await this.#send([...taken.values()]));
        this.#failures = 0;
      } catch (error) {
        if (STALE_COORDINATOR.has(codeOf(error) ?? '') || codeOf(error) === undefined) this.#deps.forgetCoordinator();
        this.#repeatOrFail(taken, error);
        const delayMs = 20 + backoffDelayMs(this.#failures++, BACKOFF, this.#deps.clock.random);
        if (this.#waiting.size > 0) await this.#deps.clock.sleep(delayMs);
      }
    }
    this.#isBusy = false;
    for (const resolve of this.#emptied.splice(0)) resolve();
  }

  async #send(commits: readonly WaitingCommit[]): Promise<Map<string, number>> {
    const generation = this.#deps.generation();
    if (generation === undefined)
      throw new KafkaError('not_sent', `not in the group ${this.#deps.group}`, { code: 'NONE' });
    const connection = await this.#deps.coordinator();
    const topics = [...Map.groupBy(commits, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
      topic,
      partitions: ofTopic.map(({ partition, offset }) => ({ partition, offset: String(offset) })),
    }));
    type Answer = { responses: { topic: string; partitions: { partition: number; errorCode: number }[] }[] };
    const answer = await connection.call<Answer>('OffsetCommit', {
      groupId: this.#deps.group,
      groupGenerationId: generation.generationId,
      memberId: generation.memberId,
      topics,
    });
    const codes = new Map<string, number>();
    for (const { topic, partitions } of answer.responses) {
      for (const { partition, errorCode } of partitions) codes.set(`${topic}/${partition}`, errorCode);
    }
    return codes;
  }

  #settle(taken: Map<string, WaitingCommit>, codes: ReadonlyMap<string, number>): void {
    let failed: KafkaError | undefined;
    for (const [key, { resolvers }] of taken) {
      const name = errorName(codes.get(key) ?? -1);
      if (name !== undefined) {
        failed ??= refusal(name, `committing ${key} for ${this.#deps.group}`);
        continue;
      }
      taken.delete(key);
      for (const { resolve } of resolvers) resolve();
    }
    if (failed !== undefined) throw failed;
  }

  #repeatOrFail(taken: ReadonlyMap<string, WaitingCommit>, error: unknown): void {
    const now = this.#deps.clock.monotonic();
    for (const commit of taken.values()) {
      if (commit.dueMs > now) {
        this.#enqueue(commit);
        continue;
      }
      const isLost = error instanceof KafkaError && error.outcome === 'unanswered';
      failCommit(commit, new LogError(isLost ? 'unknown' : 'unavailable', `not committed: ${String(error)}`));
    }
  }
}

function failCommit({ resolvers }: WaitingCommit, error: LogError): void {
  for (const { reject } of resolvers) reject(error);
}
