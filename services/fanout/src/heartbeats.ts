import type { Bus } from '@garam/bus/bus';
import { BROADCAST, type BusEntry } from '@garam/contracts/bus-entry';
import type { Assignment } from '@garam/eventlog/event-log';
import type { Cancel, Clock } from '@garam/runtime/clock';
import type { PartitionWork } from '@garam/service/consumer-service';
import type { Logger } from '@garam/telemetry/logger';

/** Tells all gateways which partitions are being published; where that stays out, they read the log themselves. */
export interface Heartbeats {
  start(): void;
  stop(): void;
  /** The same work, watched for as long as it is assigned. */
  watched(assignment: Assignment, work: PartitionWork): PartitionWork;
}

export interface HeartbeatDeps {
  bus: Pick<Bus, 'publish'>;
  clock: Clock;
  logger: Logger;
}

interface Beating {
  /** Everything below has been published. */
  offset: number;
  /** When the batch under way began, monotonic ms. */
  batchSince: number | undefined;
}

export const HEARTBEAT_MS = 1_000;

/** A partition whose batch has been under way for longer than an interval is silent: it is stuck, or as good as that. */
export function createHeartbeats({ bus, clock, logger }: HeartbeatDeps): Heartbeats {
  const beating = new Map<Assignment, Beating>();
  let isSending = false;
  let cancel: Cancel | undefined;

  function beat(): void {
    const now = clock.monotonic();
    const entries: BusEntry[] = [];
    for (const [{ topic, partition }, { offset, batchSince }] of beating) {
      if (batchSince === undefined || now - batchSince <= HEARTBEAT_MS)
        entries.push({ kind: 'heartbeat', topic, partition, offset });
    }
    // One that hangs must not be followed by others that tell of better days.
    if (isSending || entries.length === 0) return;
    isSending = true;
    bus
      .publish(BROADCAST, entries)
      .catch((error: unknown) => logger.debug({ err: error }, 'a heartbeat could not be published'))
      .finally(() => {
        isSending = false;
      });
  }

  return {
    start() {
      cancel ??= clock.every(HEARTBEAT_MS, beat);
    },
    stop() {
      cancel?.();
      beating.clear();
    },
    watched(assignment, work) {
      const state: Beating = { offset: assignment.start, batchSince: undefined };
      beating.set(assignment, state);
      assignment.signal.addEventListener('abort', () => beating.delete(assignment), { once: true });
      return {
        drain: () => work.drain(),
        trouble: () => work.trouble(),
        async handle(records) {
          state.batchSince = clock.monotonic();
          await work.handle(records);
          state.batchSince = undefined;
          if (records.length > 0) state.offset = records.at(-1)!.offset + 1;
        },
      };
    },
  };
}
