/**
 * Port: an ordered, durable, partitioned log of bytes.
 *
 * Guarantees every adapter passes (`testkit/eventlog-contract.ts`):
 * - `append` resolves only when the record is durable in the adapter's declared class.
 * - Appends of one instance to one partition take effect in the order of the calls. When one fails, all that were
 *   called after it for that partition and are not yet acknowledged fail too: nothing overtakes a failure. (A record
 *   `dropped` because it was no longer wanted is no failure; of a batch one such record drops the whole batch.)
 * - A consumer sees each partition's records in offset order, at least once, from the group's committed position.
 */
export interface EventLog {
  /** Names this log for ever: changes when the data are recreated. Cursors of clients are void under another id. */
  readonly id: string;
  readonly durability: DurabilityClass;
  /** The number of partitions, the same for every topic of `TOPICS`. */
  readonly partitions: number;

  /**
   * Appends one record; the adapter batches per turn of the event loop.
   * @throws LogError `unavailable` – not appended; `unknown` – may or may not be appended.
   */
  append(topic: string, record: NewRecord): Promise<Appended>;
  /**
   * Appends the records in this order to one partition, as one unit of failure.
   * Retrying after `unknown` is the caller's: with the identical batch.
   */
  appendBatch(topic: string, partition: number, records: readonly NewRecord[]): Promise<Appended>;

  /** Starts consuming; partitions are shared among all consumers of the group, everywhere. */
  consume(options: ConsumeOptions): Consumer;

  /** Names of all topics there are, dead-letter topics and topics of others included; in no particular order. */
  topics(): Promise<string[]>;
  /** The offset the next record of the partition will get. */
  end(topic: string, partition: number): Promise<number>;
  /** Reads without a group: at most `max` records from `offset` on; empty at the end. Lost by retention: starts at the oldest. */
  read(topic: string, partition: number, offset: number, max: number): Promise<LogRecord[]>;
  /** The offset of the first record not older than `timestamp` (ms, also fractions); the end if there is none. */
  offsetAt(topic: string, partition: number, timestamp: number): Promise<number>;
  /** Committed position of a group, 0 when there is none: for lag. */
  committed(group: string, topic: string, partition: number): Promise<number>;

  close(): Promise<void>;
}

/** What an acknowledged append survives. */
export type DurabilityClass = 'memory' | 'process_crash' | 'power_loss' | 'replicated';

export interface NewRecord {
  partition: number;
  key: string;
  value: Uint8Array;
  headers?: Record<string, string>;
  /** Asked when the record is about to be written; `false` drops it: the append fails with `dropped`. */
  stillWanted?: () => boolean;
}

export interface Appended {
  /** Offset of the (first) record. */
  offset: number;
  /** The log's own time of the append, ms. */
  timestamp: number;
}

export interface LogRecord {
  topic: string;
  partition: number;
  offset: number;
  /** The log's own time (LogAppendTime), ms: never a client's. */
  timestamp: number;
  key: string;
  value: Uint8Array;
  headers: Readonly<Record<string, string>>;
}

export interface ConsumeOptions {
  group: string;
  topics: readonly string[];
  /**
   * Under load records may be held back this long so that more come together, ms. For consumers that are in no hurry:
   * fewer requests. Default 0. Adapters without requests may ignore it.
   */
  patienceMs?: number;
  /** Called for each partition given to this consumer, again after every rebalance: state belongs to the assignment. */
  assigned(assignment: Assignment): PartitionHandler;
  /** Infrastructure trouble worth logging; the consumer goes on by itself. */
  onError?(error: unknown): void;
  /**
   * The consumer is dead: it hands nothing over any more, and waiting would not help (credentials, configuration, a bug).
   * The process should end. Without this the error is thrown where nobody catches it, so that the process ends.
   */
  onFatal?(error: unknown): void;
}

/** One partition given to one consumer until it is taken away. */
export interface Assignment {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the first record that will be handed over. */
  readonly start: number;
  /** Aborted when the partition is taken away or the consumer stops. Late work of the old assignment is tolerated, not prevented. */
  readonly signal: AbortSignal;
  /**
   * Commits "everything below `nextOffset` is done". The outcome may be unknown when it throws. Still accepted while the
   * handler that was running when the signal aborted ends; refused (`closed`) or void afterwards.
   */
  commit(nextOffset: number): Promise<void>;
}

export interface PartitionHandler {
  /**
   * Takes records in offset order. The next call comes only after the promise resolves: that is the back-pressure.
   * Rejecting ends this assignment; after a pause the partition is assigned again from the committed position.
   */
  handle(records: readonly LogRecord[]): Promise<void>;
}

export interface Consumer {
  /** Resolves when every partition this consumer will get at first has been assigned. */
  ready(): Promise<void>;
  /** Aborts the signals, hands nothing over any more, lets running handlers end (bounded), leaves the group. */
  stop(): Promise<void>;
}

export type LogErrorReason = 'unavailable' | 'unknown' | 'dropped' | 'closed';

/** The only error adapters throw. */
export class LogError extends Error {
  readonly reason: LogErrorReason;
  constructor(reason: LogErrorReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LogError';
    this.reason = reason;
  }
}
