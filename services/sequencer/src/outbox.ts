import type { EventLog, NewRecord } from '@garam/eventlog/event-log';
import type { BlockingRetry } from '@garam/service/blocking-retry';

/** What one command puts into the log, and what is told when all of it is acknowledged. */
export interface Output {
  /** Of the command. */
  offset: number;
  events: readonly NewRecord[];
  replies: readonly NewRecord[];
  deadLetters: readonly NewRecord[];
  acknowledged(): void;
}

/** What a command that cannot be decided at all leaves. */
export function deadLetterOutput(offset: number, deadLetter: NewRecord): Output {
  return { offset, events: [], replies: [], deadLetters: [deadLetter], acknowledged: () => undefined };
}

/**
 * Everything decided and not yet acknowledged, in the order of the commands. One batch is under way at a time and is
 * retried unchanged until the log acknowledges it; nothing after it is appended first. What is added meanwhile is the
 * next batch: it grows by itself when the log is slow.
 */
export interface Outbox {
  add(output: Output): void;
  /** Starts a batch unless one is under way. */
  send(): void;
  /** Commands whose outputs are not acknowledged. */
  readonly size: number;
  /** Offset of the first of them. */
  oldestOffset(): number | undefined;
  /** Resolves when nothing is left, or when the assignment ended. */
  idle(): Promise<void>;
}

export interface OutboxDeps {
  log: EventLog;
  retry: BlockingRetry;
  signal: AbortSignal;
}

export interface OutboxOptions {
  partition: number;
  topics: { events: string; replies: string; deadLetters: string };
  /** Bounds of one batch. */
  batchRecordsMax: number;
  batchBytesMax: number;
  /** Called after each acknowledged batch. */
  onAcknowledged(batch: readonly Output[]): void;
}

export type CreateOutbox = (deps: OutboxDeps, options: OutboxOptions) => Outbox;

export const createOutbox: CreateOutbox = ({ log, retry, signal }, options) => {
  let waiting: Output[] = [];
  let batch: readonly Output[] = [];
  let isSending = false;
  let sending: Promise<void> = Promise.resolve();

  const append = async (topic: string, records: readonly NewRecord[]): Promise<void> => {
    if (records.length > 0)
      await retry.run(`append to ${topic}`, () => log.appendBatch(topic, options.partition, records));
  };
  const sendBatch = async (): Promise<void> => {
    const count = batchEnd(waiting, options);
    batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    await Promise.all([
      append(options.topics.events, recordsOf(batch, 'events')),
      append(options.topics.replies, recordsOf(batch, 'replies')),
      append(options.topics.deadLetters, recordsOf(batch, 'deadLetters')),
    ]);
    if (signal.aborted) return;
    const acknowledged = batch;
    batch = [];
    for (const output of acknowledged) output.acknowledged();
    options.onAcknowledged(acknowledged);
  };
  const sendAll = async (): Promise<void> => {
    isSending = true;
    while (waiting.length > 0 && !signal.aborted) await sendBatch();
    // In the same step as the last look at what waits: what is added from now on starts anew.
    isSending = false;
  };
  const send = (): void => {
    if (!isSending && waiting.length > 0) sending = sendAll();
  };
  return {
    get size() {
      return waiting.length + batch.length;
    },
    add: (output) => void waiting.push(output),
    send,
    oldestOffset: () => leastOffset(waiting, leastOffset(batch, undefined)),
    async idle() {
      send();
      await sending;
    },
  };
};

function recordsOf(batch: readonly Output[], kind: 'events' | 'replies' | 'deadLetters'): NewRecord[] {
  const records: NewRecord[] = [];
  for (const output of batch) for (const record of output[kind]) records.push(record);
  return records;
}

/** How many of the waiting outputs make the next batch: at least one. */
function batchEnd(waiting: readonly Output[], { batchRecordsMax, batchBytesMax }: OutboxOptions): number {
  let records = 0;
  let bytes = 0;
  let index = 0;
  for (; index < waiting.length; index++) {
    const output = waiting[index]!;
    for (const record of output.events) bytes += record.value.length;
    for (const record of output.replies) bytes += record.value.length;
    records += output.events.length + output.replies.length + output.deadLetters.length;
    if (index > 0 && (records > batchRecordsMax || bytes > batchBytesMax)) break;
  }
  return index;
}

/** Parked chats are decided late, so outputs do not stand in the order of their offsets. */
function leastOffset(outputs: readonly Output[], known: number | undefined): number | undefined {
  let least = known;
  for (const { offset } of outputs) if (least === undefined || offset < least) least = offset;
  return least;
}
