import { DEAD_LETTER_HEADERS } from '@garam/eventlog/dead-letter';
import type { EventLog, LogRecord } from '@garam/eventlog/event-log';
import type { Patiently } from '../patience.ts';

export interface DeadLetter {
  /** As it stands in the dead-letter topic. */
  record: LogRecord;
  reason: string;
  /** Where it was read first, as far as its headers tell. */
  from: { topic: string; partition: number; offset: number };
}

const RECORDS_AT_ONCE = 200;

/** Dead letters of one partition from an offset on, up to what was there when the reading began. */
export async function* readDeadLetters(
  log: EventLog,
  { topic, partition, offset }: { topic: string; partition: number; offset: number },
  patiently: Patiently,
): AsyncGenerator<DeadLetter> {
  const end = await patiently('reading dead letters', () => log.end(topic, partition));
  for (let next = offset; next < end;) {
    const from = next;
    const records = await patiently('reading dead letters', () => log.read(topic, partition, from, RECORDS_AT_ONCE));
    for (const record of records) if (record.offset < end) yield toDeadLetter(record);
    if (records.length === 0) return;
    next = records.at(-1)!.offset + 1;
  }
}

function toDeadLetter(record: LogRecord): DeadLetter {
  const { headers } = record;
  return {
    record,
    reason: headers[DEAD_LETTER_HEADERS.reason] ?? 'unknown',
    from: {
      topic: headers[DEAD_LETTER_HEADERS.topic] ?? '',
      partition: Number(headers[DEAD_LETTER_HEADERS.partition] ?? record.partition),
      offset: Number(headers[DEAD_LETTER_HEADERS.offset] ?? -1),
    },
  };
}
