import { decodeCommand } from '@garam/contracts/command-codec';
import { TOPICS } from '@garam/contracts/topics';
import type { Appended, LogRecord, NewRecord } from '@garam/eventlog/event-log';
import { ConsumerGroup } from './consumer-group.ts';
import { EPOCH_MS } from './sim-process.ts';
import type { World } from './world.ts';

/** The servers of the log: one partition per topic, which outlive every process. */
export class SimBroker {
  readonly id = 'sim-log';
  readonly #world: World;
  readonly #topics = new Map<string, LogRecord[]>();
  readonly #waiting = new Map<string, (() => void)[]>();
  readonly #groups = new Map<string, ConsumerGroup>();
  /** When each record of `watched` topics was appended first, for latencies. */
  readonly appendedAt = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  records(topic: string): LogRecord[] {
    let records = this.#topics.get(topic);
    if (records === undefined) this.#topics.set(topic, (records = []));
    return records;
  }

  group(name: string): ConsumerGroup {
    let group = this.#groups.get(name);
    if (group === undefined) this.#groups.set(name, (group = new ConsumerGroup(this.#world, this, name)));
    return group;
  }

  get groups(): Iterable<ConsumerGroup> {
    return this.#groups.values();
  }

  /** Takes effect now; there is no fencing of producers. */
  append(topic: string, batch: readonly NewRecord[]): Appended {
    const records = this.records(topic);
    const offset = records.length;
    const timestamp = EPOCH_MS + Math.floor(this.#world.scheduler.nowMs);
    const isCopied = this.#world.profile.copiesBytes;
    for (const { key, value, headers } of batch) {
      const id = `${topic} ${headers?.['ce_id'] ?? ''}`;
      if (!this.appendedAt.has(id)) this.appendedAt.set(id, this.#world.scheduler.nowMs);
      const bytes = isCopied ? Buffer.from(value) : value;
      records.push({
        topic,
        partition: 0,
        offset: records.length,
        timestamp,
        key,
        value: bytes,
        headers: headers ?? {},
      });
      this.#world.trace(
        () => `${topic} @${records.length - 1} ${headers?.['ce_type']} ${headers?.['ce_id']} ${bodyOf(topic, value)}`,
      );
    }
    const waiting = this.#waiting.get(topic);
    this.#waiting.delete(topic);
    for (const wake of waiting ?? []) wake();
    return { offset, timestamp };
  }

  /** Calls once when the topic has something at or after the offset. */
  whenBeyond(topic: string, offset: number, wake: () => void): void {
    if (this.records(topic).length > offset) return wake();
    const waiting = this.#waiting.get(topic);
    if (waiting === undefined) this.#waiting.set(topic, [wake]);
    else waiting.push(wake);
  }
}

/** For the trace: who wants what. */
function bodyOf(topic: string, value: Uint8Array): string {
  if (topic !== TOPICS.commands) return '';
  const command = decodeCommand(value);
  return `${command?.actor} ${command?.clientId} attempt ${command?.attempt} sent ${((command?.sentAt ?? 0) - EPOCH_MS) / 1_000} ${command?.refuse ?? ''}`;
}
