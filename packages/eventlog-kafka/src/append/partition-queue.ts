import { LogError, type Appended, type NewRecord } from '@garam/eventlog/event-log';

/** One call of append or appendBatch on its way. */
export interface WaitingAppend {
  readonly records: readonly NewRecord[];
  readonly bytes: number;
  /** Monotonic ms at which it gives up waiting. */
  readonly dueMs: number;
  resolve(appended: Appended): void;
  reject(error: Error): void;
}

/** What waits for one partition of one topic, in the order of the calls. */
export interface PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  waiting: WaitingAppend[];
  isInFlight: boolean;
  /** The breaker: its leader has not been reachable for a whole deadline; new appends are refused at once. */
  isCut: boolean;
}

/** Appends of one partition that go together as one record batch: they succeed or fail together. */
export interface TakenBatch {
  readonly queue: PartitionQueue;
  readonly appends: readonly WaitingAppend[];
  readonly records: readonly NewRecord[];
}

/**
 * Takes the oldest appends, up to `bytesMax` but at least one. Those no longer wanted are dropped here and now.
 * @returns undefined when nothing is left to write
 */
export function takeBatch(queue: PartitionQueue, bytesMax: number): TakenBatch | undefined {
  const appends: WaitingAppend[] = [];
  const records: NewRecord[] = [];
  let bytes = 0;
  let count = 0;
  for (const append of queue.waiting) {
    if (appends.length > 0 && bytes + append.bytes > bytesMax) break;
    count++;
    if (append.records.some((record) => record.stillWanted?.() === false)) {
      append.reject(new LogError('dropped', 'the record was no longer wanted'));
      continue;
    }
    bytes += append.bytes;
    appends.push(append);
    for (const record of append.records) records.push(record);
  }
  queue.waiting = count === queue.waiting.length ? [] : queue.waiting.slice(count);
  return appends.length === 0 ? undefined : { queue, appends, records };
}

export function resolveBatch({ appends }: TakenBatch, baseOffset: number, timestamp: number): void {
  let offset = baseOffset;
  for (const append of appends) {
    append.resolve({ offset, timestamp });
    offset += append.records.length;
  }
}

/** Fails a batch, and all that was called after it for its partition: nothing overtakes a failure. */
export function failBatch({ queue, appends }: TakenBatch, error: LogError): void {
  for (const append of appends) append.reject(error);
  failWaiting(queue, new LogError('unavailable', 'an append before this one failed', { cause: error }));
}

export function failWaiting(queue: PartitionQueue, error: LogError): void {
  const waiting = queue.waiting;
  queue.waiting = [];
  for (const append of waiting) append.reject(error);
}
