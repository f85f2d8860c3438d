import type { Assignment, ConsumeOptions, Consumer, EventLog, LogRecord, NewRecord } from '@garam/eventlog/event-log';

/** A consumer that notes everything it is given. */
export interface Probe {
  consumer: Consumer;
  records: LogRecord[];
  assignments: Assignment[];
  errors: unknown[];
  /** Values as text, of one partition or of all, in the order they came. */
  texts(partition?: number): string[];
  /** Partitions held now. */
  held(): number[];
}

export interface ProbeOptions extends Omit<ConsumeOptions, 'assigned'> {
  /** Runs in the handler after the records are noted. */
  handling?(records: readonly LogRecord[], assignment: Assignment): Promise<void>;
  /** Commits after each batch. Default true. */
  commits?: boolean;
}

export function startProbe(log: EventLog, options: ProbeOptions): Probe {
  const { handling, commits = true, ...consumeOptions } = options;
  const records: LogRecord[] = [];
  const assignments: Assignment[] = [];
  const errors: unknown[] = [];
  const consumer = log.consume({
    onError: (error) => errors.push(error),
    ...consumeOptions,
    assigned(assignment) {
      assignments.push(assignment);
      return {
        async handle(batch) {
          records.push(...batch);
          await handling?.(batch, assignment);
          if (commits) await assignment.commit(batch.at(-1)!.offset + 1);
        },
      };
    },
  });
  return {
    consumer,
    records,
    assignments,
    errors,
    texts: (partition) =>
      records.filter((record) => partition === undefined || record.partition === partition).map(textOf),
    held: () => assignments.filter(({ signal }) => !signal.aborted).map(({ partition }) => partition),
  };
}

export function record(partition: number, text: string, extra: Partial<NewRecord> = {}): NewRecord {
  return { partition, key: `key-${partition}`, value: new TextEncoder().encode(text), ...extra };
}

export function textOf(logRecord: LogRecord): string {
  return new TextDecoder().decode(logRecord.value);
}

/** Names in the order of their numbers: `a0`, `a1` … */
export function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}
