import { openAdapters } from '@garam/adapters/open-adapters';
import { parseAdapterUrls } from '@garam/adapters/parse-adapter-urls';
import { decodeCommand } from '@garam/contracts/command-codec';
import { decodeEvent } from '@garam/contracts/event-codec';
import { TOPICS } from '@garam/contracts/topics';
import type { EventLog, LogRecord } from '@garam/eventlog/event-log';
import { systemClock } from '@garam/runtime/system-clock';
import { quietLogger } from '@garam/telemetry/logger';
import { noopMeter } from '@garam/telemetry/meter';
import { Histogram } from '@garam/tests-driver/histogram';
import type { LatencySummary } from '@garam/tests-driver/histogram';

/** Where the time of an answer goes, between the moments the log itself has noted. */
export interface Hops {
  /** Intended send → command appended: driver, gateway, first append. */
  toCommand: LatencySummary;
  /** Command appended → event appended: first consumption, sequencer, second append. */
  toEvent: LatencySummary;
  /** Event appended → answer read by the driver: second consumption, fanout, bus, gateway. */
  toAnswer: LatencySummary;
}

/** The driver's side of the measured messages, in ms since the epoch. */
export class HopTrace {
  readonly #answered = new Map<string, { intendedAt: number; answeredAt: number }>();
  readonly #epochAt0 = epochAt0();

  /** Both in the time of `performance.now()`. */
  answered(clientId: string, intendedAt: number, answeredAt: number): void {
    const offset = this.#epochAt0;
    this.#answered.set(clientId, { intendedAt: intendedAt + offset, answeredAt: answeredAt + offset });
  }

  /** Reads from the log when the commands and events of these messages were appended. */
  async join(logUrl: string): Promise<Hops | null> {
    if (this.#answered.size === 0) return null;
    const options = { clientName: 'garam-bench', openDeadlineMs: 10_000, provision: false };
    const deps = { clock: systemClock, logger: quietLogger, meter: noopMeter };
    const { log, close } = await openAdapters(parseAdapterUrls({ log: logUrl }), deps, options);
    try {
      const since = Math.min(...[...this.#answered.values()].map(({ intendedAt }) => intendedAt)) - 1_000;
      const commands = await appendTimes(log, TOPICS.commands, since, ({ value }) => decodeCommand(value)?.clientId);
      const events = await appendTimes(log, TOPICS.events, since, ({ value }) => {
        const body = decodeEvent(value)?.body;
        return body?.type === 'message.created' ? body.clientId : undefined;
      });
      return this.#compare(commands, events);
    } finally {
      await close();
    }
  }

  #compare(commands: ReadonlyMap<string, number>, events: ReadonlyMap<string, number>): Hops {
    const [toCommand, toEvent, toAnswer] = [new Histogram(), new Histogram(), new Histogram()];
    for (const [clientId, { intendedAt, answeredAt }] of this.#answered) {
      const commandAt = commands.get(clientId);
      const eventAt = events.get(clientId);
      if (commandAt === undefined || eventAt === undefined) continue;
      toCommand.record(commandAt - intendedAt);
      toEvent.record(eventAt - commandAt);
      toAnswer.record(answeredAt - eventAt);
    }
    return { toCommand: toCommand.summary(), toEvent: toEvent.summary(), toAnswer: toAnswer.summary() };
  }
}

/** The log notes whole milliseconds, rounded down. */
const MEAN_ROUNDING_MS = 0.5;
const READ_MAX = 5_000;

async function appendTimes(
  log: EventLog,
  topic: string,
  since: number,
  clientIdOf: (record: LogRecord) => string | undefined,
): Promise<Map<string, number>> {
  const times = new Map<string, number>();
  for (let partition = 0; partition < log.partitions; partition += 1) {
    for await (const record of recordsSince(log, topic, partition, since)) {
      const clientId = clientIdOf(record);
      if (clientId !== undefined && !times.has(clientId)) times.set(clientId, record.timestamp + MEAN_ROUNDING_MS);
    }
  }
  return times;
}

async function* recordsSince(
  log: EventLog,
  topic: string,
  partition: number,
  since: number,
): AsyncGenerator<LogRecord> {
  let offset = await log.offsetAt(topic, partition, Math.floor(since));
  for (;;) {
    const records = await log.read(topic, partition, offset, READ_MAX);
    if (records.length === 0) return;
    yield* records;
    offset = records.at(-1)!.offset + 1;
  }
}

/** What `performance.now()` of 0 is on the wall clock, found at the tick of a millisecond. */
function epochAt0(): number {
  const before = Date.now();
  let now = before;
  while (now === before) now = Date.now();
  return now - performance.now();
}
