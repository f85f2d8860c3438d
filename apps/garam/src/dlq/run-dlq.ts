import { parseArgs } from 'node:util';
import { openAdapters } from '@garam/adapters/open-adapters';
import { parseAdapterUrls } from '@garam/adapters/parse-adapter-urls';
import type { EventLog } from '@garam/eventlog/event-log';
import { systemClock } from '@garam/runtime/system-clock';
import { ConfigError, loadConfig, type Environment } from '@garam/service/load-config';
import { createLogger } from '@garam/telemetry/logger';
import { createMetrics } from '@garam/telemetry/meter';
import { effectiveConfig, garamConfig } from '../config.ts';
import { createPatience } from '../patience.ts';
import { findDeadLetterTopics, type DeadLetterTopic } from './dead-letter-topics.ts';
import { describeDeadLetter } from './describe-dead-letter.ts';
import { listDeadLetters } from './list-dead-letters.ts';
import { readDeadLetters, type DeadLetter } from './read-dead-letters.ts';
import { replayAll, replayOne, type ReplayDeps } from './replay-dead-letters.ts';

const EXIT_CONFIG = 78;
const PATIENCE_MS = 15_000;
const ACTIONS = ['list', 'show', 'replay'] as const;
const USAGE = `garam dlq list | show | replay [--log URL] [--topic T] [--group G] [--partition N --offset N | --all] [--max N]`;

interface Request {
  action: (typeof ACTIONS)[number];
  log: string | undefined;
  topic: string | undefined;
  group: string | undefined;
  at: { partition: number; offset: number } | undefined;
  all: boolean;
  max: number | undefined;
}

const SHOWN_MAX = 20;
const REPLAYED_MAX = 1_000;

/**
 * `garam dlq`: what consumers could never process, and how to give it to them again. Exit code 0: done; 78: called wrongly;
 * 1: anything else, with the reason.
 */
export async function runDlq(args: readonly string[], environment: Environment): Promise<number> {
  try {
    const request = parseRequest(args);
    const given = request.log === undefined ? environment : { ...environment, GARAM_LOG: request.log };
    const config = effectiveConfig(loadConfig(garamConfig, given));
    const logger = createLogger({ service: 'dlq', level: 'warn' });
    const deps = { clock: systemClock, logger, meter: createMetrics().meter };
    const options = { clientName: 'garam-dlq', openDeadlineMs: PATIENCE_MS, provision: false };
    const { log, close } = await openAdapters(parseAdapterUrls({ log: config.GARAM_LOG }), deps, options);
    try {
      return await carryOut(log, request);
    } finally {
      await close();
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return error instanceof ConfigError ? EXIT_CONFIG : 1;
  }
}

async function carryOut(log: EventLog, request: Request): Promise<number> {
  const patiently = createPatience(systemClock, PATIENCE_MS);
  const deps = { log, clock: systemClock, patiently, say: (line: string) => console.log(line) };
  const topics = await patiently('listing topics', () => findDeadLetterTopics(log, request));
  switch (request.action) {
    case 'list': {
      const lines = await listDeadLetters(log, topics, patiently);
      for (const line of lines.length > 0 ? lines : ['There are no dead letters.']) console.log(line);
      return 0;
    }
    case 'show':
      return show(deps, topics, request);
    case 'replay':
      return replay(deps, topics, request);
  }
}

/** One dead letter, or the newest few of each partition. */
async function show(deps: ReplayDeps, topics: readonly DeadLetterTopic[], request: Request): Promise<number> {
  const { at, max = SHOWN_MAX } = request;
  let count = 0;
  for (const { name } of topics) {
    for await (const letter of at === undefined ? newest(deps, name, max) : named(deps, name, at)) {
      if (count === max) break;
      for (const line of describeDeadLetter(letter)) deps.say(line);
      count++;
    }
  }
  if (count > 0) return 0;
  deps.say('There are no such dead letters.');
  return at === undefined ? 0 : 1;
}

async function* newest({ log, patiently }: ReplayDeps, topic: string, max: number): AsyncGenerator<DeadLetter> {
  for (let partition = 0; partition < log.partitions; partition++) {
    const end = await patiently('reading dead letters', () => log.end(topic, partition));
    yield* readDeadLetters(log, { topic, partition, offset: Math.max(0, end - max) }, patiently);
  }
}

async function* named(
  { log, patiently }: ReplayDeps,
  topic: string,
  at: { partition: number; offset: number },
): AsyncGenerator<DeadLetter> {
  for await (const letter of readDeadLetters(log, { topic, ...at }, patiently)) {
    if (letter.record.offset === at.offset) yield letter;
    return;
  }
}

async function replay(deps: ReplayDeps, topics: readonly DeadLetterTopic[], request: Request): Promise<number> {
  const { at, all, max = REPLAYED_MAX } = request;
  if (all) {
    const count = await replayAll(deps, topics, max);
    deps.say(`${count} replayed${count === max ? '; there may be more: run it again' : ''}.`);
    return 0;
  }
  const [topic] = topics;
  if (topics.length > 1) throw new ConfigError(['several dead-letter topics fit: name one with --topic and --group']);
  if (topic !== undefined && (await replayOne(deps, { name: topic.name, ...at! }))) return 0;
  console.error('There is no such dead letter.');
  return 1;
}

/** @throws ConfigError */
function parseRequest(args: readonly string[]): Request {
  const text = { type: 'string' } as const;
  const options = { log: text, topic: text, group: text, partition: text, offset: text, max: text };
  const { values, positionals } = parsed(() =>
    parseArgs({ args: [...args], allowPositionals: true, options: { ...options, all: { type: 'boolean' } } }),
  );
  const action = ACTIONS.find((name) => name === positionals[0]);
  if (action === undefined || positionals.length > 1) throw new ConfigError([USAGE]);
  const partition = wholeNumber('partition', values.partition);
  const offset = wholeNumber('offset', values.offset);
  if ((partition === undefined) !== (offset === undefined))
    throw new ConfigError(['--partition and --offset belong together']);
  const at = partition === undefined ? undefined : { partition, offset: offset! };
  const all = values.all === true;
  if (action === 'replay' && all === (at !== undefined))
    throw new ConfigError(['replay takes either --partition and --offset, or --all']);
  const { log, topic, group } = values;
  return { action, log, topic, group, at, all, max: wholeNumber('max', values.max) };
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new ConfigError([(error as Error).message, USAGE]);
  }
}

function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new ConfigError([`--${name} takes a whole number`]);
  return Number(text);
}
