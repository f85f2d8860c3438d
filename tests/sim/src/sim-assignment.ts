import { LogError, type Assignment, type LogRecord } from '@garam/eventlog/event-log';
import type { ConsumerGroup, GroupMember } from './consumer-group.ts';
import type { SimBroker } from './sim-broker.ts';
import type { World } from './world.ts';

const owned = new WeakMap<GroupMember, Set<SimAssignment>>();

/** A topic given to a member, and the loop that hands its records over, until the member hears that it has lost it. */
export class SimAssignment implements Assignment {
  readonly topic: string;
  readonly partition = 0;
  start = 0;
  readonly member: GroupMember;
  readonly #group: ConsumerGroup;
  readonly #world: World;
  readonly #broker: SimBroker;
  readonly #abort = new AbortController();

  constructor(
    world: World,
    broker: SimBroker,
    { group, member, topic }: { group: ConsumerGroup; member: GroupMember; topic: string },
  ) {
    this.topic = topic;
    this.member = member;
    this.#group = group;
    this.#world = world;
    this.#broker = broker;
    const mine = owned.get(member) ?? new Set();
    owned.set(member, mine.add(this));
    world.scheduler.schedule(world.latencyMs(5), () => {
      this.start = group.committed(topic);
      member.process.schedule(world.latencyMs(2), () => void this.#consume());
    });
  }

  static of(member: GroupMember): SimAssignment[] {
    return [...(owned.get(member) ?? [])];
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Its owner hears of the loss after so long. */
  endLater(noticeMs: number): void {
    this.member.process.schedule(noticeMs, () => {
      owned.get(this.member)?.delete(this);
      this.#abort.abort();
    });
  }

  commit(nextOffset: number): Promise<void> {
    const { log } = this.#world.profile;
    const { process } = this.member;
    return new Promise((resolve, reject) => {
      const answer = (delayMs: number, error?: LogError) =>
        void process.schedule(delayMs, () => (error === undefined ? resolve() : reject(error)));
      const unknown = new LogError('unknown', 'commit timed out');
      if (this.#world.fault('commit lost', log.commitLost)) return answer(this.#timeoutMs(), unknown);
      const isAckLost = this.#world.fault('commit unacknowledged', log.commitAckLost);
      this.#world.scheduler.schedule(this.#world.latencyMs(2), () => {
        const refusal = this.#commitNow(nextOffset);
        if (isAckLost) answer(this.#timeoutMs(), unknown);
        else answer(this.#world.latencyMs(2), refusal);
      });
    });
  }

  #commitNow(nextOffset: number): LogError | undefined {
    if (!this.#group.isCurrent(this)) {
      if (!this.#world.fault('zombie commit accepted', this.#world.profile.log.zombieCommit)) {
        return new LogError('closed', 'the partition has another owner');
      }
      this.#world.stats.zombieCommits += 1;
    }
    this.#group.setCommitted(this.topic, nextOffset);
    this.#world.trace(() => `${this.#group.name} ${this.member.process.name} commits ${this.topic} ${nextOffset}`);
    return undefined;
  }

  async #consume(): Promise<void> {
    if (this.signal.aborted) return;
    const handler = this.member.options.assigned(this);
    let position = this.start;
    try {
      while (!this.signal.aborted) {
        const records = await this.#fetch(position);
        if (this.signal.aborted) return;
        await handler.handle(records);
        position += records.length;
      }
    } catch (error) {
      this.member.options.onError?.(error);
      this.endLater(0);
      this.#group.failed(this);
    }
  }

  /** Waits for records from the position on; handed over in slices of any size. */
  #fetch(position: number): Promise<readonly LogRecord[]> {
    const { random, profile } = this.#world;
    const { process } = this.member;
    return new Promise((resolve) => {
      const arrived = () => {
        if (this.#world.fault('fetch failed', profile.log.fetchFailed))
          return void process.schedule(random.between(10, 500), wait);
        const max = random.chance(0.5) ? 100 : 1 + random.integer(4);
        resolve(this.#broker.records(this.topic).slice(position, position + max));
      };
      const wait = () =>
        this.#broker.whenBeyond(this.topic, position, () => void process.schedule(this.#world.latencyMs(2), arrived));
      wait();
    });
  }

  #timeoutMs(): number {
    return this.#world.random.between(200, 2_000);
  }
}
