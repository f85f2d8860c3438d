import type { ConsumeOptions } from '@garam/eventlog/event-log';
import { SimAssignment } from './sim-assignment.ts';
import type { SimBroker } from './sim-broker.ts';
import type { SimProcess } from './sim-process.ts';
import type { World } from './world.ts';

/** A consumer of one process in a group. */
export interface GroupMember {
  process: SimProcess;
  options: ConsumeOptions;
  /** The coordinator has not heard of it for too long. */
  isExpired: boolean;
  hasLeft: boolean;
  ready(): void;
}

/**
 * The coordinator of one group: gives each topic (of one partition) to one live member. Who loses one learns of it some
 * time later, or when it wakes up: until then there are two owners.
 */
export class ConsumerGroup {
  readonly name: string;
  readonly #world: World;
  readonly #broker: SimBroker;
  readonly #members: GroupMember[] = [];
  readonly #assignments = new Map<string, SimAssignment>();
  readonly #committed = new Map<string, number>();
  #topics: readonly string[] = [];

  constructor(world: World, broker: SimBroker, name: string) {
    this.#world = world;
    this.#broker = broker;
    this.name = name;
  }

  get topics(): readonly string[] {
    return this.#topics;
  }

  /** Processes that have a topic of this group now. */
  get owners(): SimProcess[] {
    return [...this.#assignments.values()].map(({ member }) => member.process);
  }

  committed(topic: string): number {
    return this.#committed.get(topic) ?? 0;
  }

  setCommitted(topic: string, position: number): void {
    this.#committed.set(topic, position);
  }

  isCurrent(assignment: SimAssignment): boolean {
    return this.#assignments.get(assignment.topic) === assignment;
  }

  join(member: GroupMember): void {
    this.#topics = member.options.topics;
    this.#members.push(member);
    member.process.onState((state) => {
      if (member.hasLeft) return;
      if (state === 'dead') this.#missed(member);
      else if (state === 'paused') this.#missed(member);
      else if (member.isExpired) this.#returned(member);
    });
    this.#later(this.#world.latencyMs(20), () => {
      this.#fill();
      member.ready();
    });
  }

  leave(member: GroupMember): void {
    member.hasLeft = true;
    for (const assignment of this.#assignmentsOf(member)) this.#take(assignment, 0);
    this.#fill();
  }

  /** Moves what the group consumes to other members, as when pods come and go. */
  rebalance(): void {
    for (const assignment of Array.from(this.#assignments.values())) this.#take(assignment, this.#noticeMs());
    this.#fill();
  }

  /** The member's handler has failed: the topic is given out again. */
  failed(assignment: SimAssignment): void {
    if (!this.isCurrent(assignment)) return;
    this.#take(assignment, 0);
    this.#later(this.#world.latencyMs(50), () => this.#fill());
  }

  /** Its session times out, unless it is back before. */
  #missed(member: GroupMember): void {
    this.#later(this.#world.random.between(500, 5_000), () => {
      if (member.process.state === 'running' || member.isExpired) return;
      member.isExpired = true;
      for (const assignment of this.#assignmentsOf(member)) this.#assignments.delete(assignment.topic);
      this.#fill();
    });
  }

  /** A zombie wakes up: it goes on with what it has until it hears from the coordinator. */
  #returned(member: GroupMember): void {
    const noticeMs = this.#noticeMs();
    for (const assignment of SimAssignment.of(member)) {
      if (!this.isCurrent(assignment)) assignment.endLater(noticeMs);
    }
    member.process.schedule(noticeMs, () => {
      member.isExpired = false;
      this.#fill();
    });
  }

  #assignmentsOf(member: GroupMember): SimAssignment[] {
    return [...this.#assignments.values()].filter((assignment) => assignment.member === member);
  }

  #take(assignment: SimAssignment, noticeMs: number): void {
    this.#assignments.delete(assignment.topic);
    assignment.endLater(noticeMs);
  }

  #noticeMs(): number {
    const { random, isHealed } = this.#world;
    return isHealed ? 0 : random.chance(0.5) ? random.between(0, 200) : random.between(0, 4_000);
  }

  /** Gives out what nobody has. */
  #fill(): void {
    const alive = this.#members.filter(
      (member) => !member.isExpired && !member.hasLeft && member.process.state === 'running',
    );
    if (alive.length === 0) return;
    for (const topic of this.#topics) {
      if (this.#assignments.has(topic)) continue;
      const member = this.#world.random.pick(alive);
      const assignment = new SimAssignment(this.#world, this.#broker, { group: this, member, topic });
      this.#assignments.set(topic, assignment);
      this.#world.trace(() => `${this.name}: ${topic} goes to ${member.process.name}`);
    }
  }

  #later(delayMs: number, task: () => void): void {
    this.#world.scheduler.schedule(delayMs, task);
  }
}
