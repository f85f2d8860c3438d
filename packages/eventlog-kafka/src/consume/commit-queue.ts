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

export interface CommitQueue {
  commit(partition: PartitionRef, nextOffset: number): Promise<void>;
  /** Fails what waits: the membership it belongs to is over. */
  drop(): void;
  /** Resolves when nothing waits any more. */
  drained(): Promise<void>;
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
export function createCommitQueue(deps: CommitQueueDeps): CommitQueue {
  const { clock } = deps;
  let waiting = new Map<string, WaitingCommit>();
  let isBusy = false;
  let failures = 0;
  let emptied: (() => void)[] = [];

  function commit({ topic, partition }: PartitionRef, nextOffset: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const dueMs = clock.monotonic() + deps.deadlineMs;
      enqueue({ topic, partition, offset: nextOffset, dueMs, resolvers: [{ resolve, reject }] });
      if (isBusy) return;
      isBusy = true;
      clock.endOfTurn(() => void flush());
    });
  }

  function enqueue(commit: WaitingCommit): void {
    const key = `${commit.topic}/${commit.partition}`;
    const same = waiting.get(key);
    if (same === undefined) return void waiting.set(key, commit);
    same.offset = Math.max(same.offset, commit.offset);
    same.dueMs = Math.min(same.dueMs, commit.dueMs);
    same.resolvers.push(...commit.resolvers);
  }

  async function flush(): Promise<void> {
    while (waiting.size > 0) {
      const taken = waiting;
      waiting = new Map();
      try {
        settle(taken, await send([...taken.values()]));
        failures = 0;
      } catch (error) {
        if (STALE_COORDINATOR.has(codeOf(error) ?? '') || codeOf(error) === undefined) deps.forgetCoordinator();
        repeatOrFail(taken, error);
        if (waiting.size > 0) await clock.sleep(20 + backoffDelayMs(failures++, BACKOFF, clock.random));
      }
    }
    isBusy = false;
    for (const resolve of emptied.splice(0)) resolve();
  }

  async function send(commits: readonly WaitingCommit[]): Promise<Map<string, number>> {
    const generation = deps.generation();
    if (generation === undefined) throw new KafkaError('not_sent', `not in the group ${deps.group}`, { code: 'NONE' });
    const connection = await deps.coordinator();
    const topics = [...Map.groupBy(commits, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
      topic,
      partitions: ofTopic.map(({ partition, offset }) => ({ partition, offset: String(offset) })),
    }));
    type Answer = { responses: { topic: string; partitions: { partition: number; errorCode: number }[] }[] };
    const answer = await connection.call<Answer>('OffsetCommit', {
      groupId: deps.group,
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

  function settle(taken: Map<string, WaitingCommit>, codes: ReadonlyMap<string, number>): void {
    let failed: KafkaError | undefined;
    for (const [key, { resolvers }] of taken) {
      const name = errorName(codes.get(key) ?? -1);
      if (name !== undefined) {
        failed ??= refusal(name, `committing ${key} for ${deps.group}`);
        continue;
      }
      taken.delete(key);
      for (const { resolve } of resolvers) resolve();
    }
    if (failed !== undefined) throw failed;
  }

  function repeatOrFail(taken: ReadonlyMap<string, WaitingCommit>, error: unknown): void {
    const now = clock.monotonic();
    for (const commit of taken.values()) {
      if (commit.dueMs > now) {
        enqueue(commit);
        continue;
      }
      const isLost = error instanceof KafkaError && error.outcome === 'unanswered';
      failCommit(commit, new LogError(isLost ? 'unknown' : 'unavailable', `not committed: ${String(error)}`));
    }
  }

  return {
    commit,
    drop() {
      const dropped = waiting;
      waiting = new Map();
      for (const commit of dropped.values()) failCommit(commit, new LogError('closed', 'the assignment has ended'));
    },
    drained: () => (isBusy ? new Promise((resolve) => emptied.push(resolve)) : Promise.resolve()),
  };
}

function failCommit({ resolvers }: WaitingCommit, error: LogError): void {
  for (const { reject } of resolvers) reject(error);
}
