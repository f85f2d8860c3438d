import { GROUPS, TOPICS } from '@garam/contracts/topics';
import {
  LogError,
  type Appended,
  type ConsumeOptions,
  type Consumer,
  type EventLog,
  type NewRecord,
} from '@garam/eventlog/event-log';
import type { GroupMember } from './consumer-group.ts';
import type { SimBroker } from './sim-broker.ts';
import type { SimProcess } from './sim-process.ts';
import type { World } from './world.ts';

interface Batch {
  records: readonly NewRecord[];
  resolve(appended: Appended): void;
  reject(error: LogError): void;
}

interface Producer {
  queue: Batch[];
  isSending: boolean;
}

/** What happens to one request of a producer. */
type Fate = 'ok' | 'refused' | 'lost' | 'unacknowledged' | 'late' | 'duplicated';

/** The log as one process sees it. */
export function createLogClient(world: World, broker: SimBroker, process: SimProcess): EventLog {
  const producers = new Map<string, Producer>();
  /** Topics whose last read without a group was stalled. */
  const stalled = new Set<string>();

  function producerOf(topic: string): Producer {
    let producer = producers.get(topic);
    if (producer === undefined) producers.set(topic, (producer = { queue: [], isSending: false }));
    return producer;
  }

  function append(topic: string, records: readonly NewRecord[]): Promise<Appended> {
    return new Promise((resolve, reject) => {
      const producer = producerOf(topic);
      producer.queue.push({ records, resolve, reject });
      if (producer.isSending) return;
      producer.isSending = true;
      process.schedule(0, () => send(topic, producer));
    });
  }

  /** One request in flight, with all that has been asked for meanwhile. */
  function send(topic: string, producer: Producer): void {
    const batches: Batch[] = [];
    for (const batch of producer.queue.splice(0)) {
      if (batch.records.every((record) => record.stillWanted?.() !== false)) batches.push(batch);
      else batch.reject(new LogError('dropped', 'no longer wanted'));
    }
    if (batches.length === 0) {
      producer.isSending = false;
      return;
    }
    const arrive = (): Appended[] => batches.map((batch) => appendAt(world, broker, process, { topic, batch }));
    const fate = fateOf(world);
    const arrivesMs = world.latencyMs(1.5);
    const timeoutMs = world.random.between(200, 3_000);
    if (fate === 'refused') return fail(topic, producer, { batches, reason: 'unavailable', delayMs: arrivesMs });
    if (fate === 'lost' || fate === 'late' || fate === 'unacknowledged') {
      if (fate === 'unacknowledged') world.scheduler.schedule(arrivesMs, arrive);
      if (fate === 'late') world.arriveLate(timeoutMs + world.random.between(0, 8_000), arrive);
      return fail(topic, producer, { batches, reason: 'unknown', delayMs: timeoutMs });
    }
    world.scheduler.schedule(arrivesMs, () => {
      const appended = arrive();
      if (fate === 'duplicated') world.arriveLate(duplicateAfterMs(world), arrive);
      process.schedule(world.latencyMs(1.5), () => {
        batches.forEach((batch, index) => batch.resolve(appended[index]!));
        next(topic, producer);
      });
    });
  }

  /** Nothing overtakes a failure: what waits behind it fails too. */
  function fail(
    topic: string,
    producer: Producer,
    { batches, reason, delayMs }: { batches: Batch[]; reason: 'unavailable' | 'unknown'; delayMs: number },
  ): void {
    process.schedule(delayMs, () => {
      for (const batch of batches) batch.reject(new LogError(reason, `append: ${reason}`));
      for (const batch of producer.queue.splice(0)) batch.reject(new LogError('unavailable', 'behind a failed append'));
      next(topic, producer);
    });
  }

  function next(topic: string, producer: Producer): void {
    if (producer.queue.length > 0) process.schedule(0, () => send(topic, producer));
    else producer.isSending = false;
  }

  const ask = <T>(answer: () => T): Promise<T> =>
    new Promise((resolve, reject) => {
      const isFailed = world.fault('log read failed', world.profile.log.fetchFailed);
      process.schedule(world.latencyMs(2), () => {
        if (isFailed) reject(new LogError('unavailable', 'the log is out of reach'));
        else resolve(answer());
      });
    });

  return {
    id: broker.id,
    durability: 'replicated',
    partitions: 1,
    append: (topic, record) => append(topic, [record]),
    appendBatch: (topic, _partition, records) => append(topic, records),
    consume: (options) => consume(broker, process, options),
    topics: () => ask(() => Object.values(TOPICS)),
    end: (topic) => ask(() => broker.records(topic).length),
    read(topic, _partition, offset, max) {
      const take = () => broker.records(topic).slice(offset, offset + max);
      const mayStall = !stalled.delete(topic);
      if (!mayStall || !world.fault('log read stalled', world.profile.log.readStalled ?? 0)) return ask(take);
      stalled.add(topic);
      const taken = take();
      return new Promise((resolve) => process.schedule(world.random.between(2_000, 2_600), () => resolve(taken)));
    },
    offsetAt: (topic, _partition, timestamp) =>
      ask(() => {
        const index = broker.records(topic).findIndex((record) => record.timestamp >= timestamp);
        return index < 0 ? broker.records(topic).length : index;
      }),
    committed: (group, topic) => ask(() => broker.group(group).committed(topic)),
    close: () => Promise.resolve(),
  };
}

interface Request {
  topic: string;
  batch: Batch;
}

function appendAt(world: World, broker: SimBroker, process: SimProcess, { topic, batch }: Request): Appended {
  const isDecision = topic === TOPICS.events || topic === TOPICS.replies;
  if (isDecision && !broker.group(GROUPS.sequencer).owners.includes(process)) {
    world.stats.zombieAppends += batch.records.length;
  }
  return broker.append(topic, batch.records);
}

function fateOf(world: World): Fate {
  const { log } = world.profile;
  if (world.fault('append refused', log.appendRefused)) return 'refused';
  if (world.fault('append lost', log.appendLost)) return 'lost';
  if (world.fault('append unacknowledged', log.appendAckLost)) return 'unacknowledged';
  if (world.fault('append late', log.appendLate)) return 'late';
  if (world.fault('append duplicated', log.appendDuplicated)) return 'duplicated';
  return 'ok';
}

/** A producer's own repetition comes soon; one that was stuck in a network or a paused broker may come much later. */
function duplicateAfterMs({ random, profile }: World): number {
  return random.chance(profile.log.duplicateLate) ? random.between(20_000, 200_000) : random.between(1, 4_000);
}

function consume(broker: SimBroker, process: SimProcess, options: ConsumeOptions): Consumer {
  let ready: () => void = () => undefined;
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const member: GroupMember = { process, options, isExpired: false, hasLeft: false, ready };
  broker.group(options.group).join(member);
  return {
    ready: () => isReady,
    async stop() {
      broker.group(options.group).leave(member);
    },
  };
}
