import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface StackOptions {
  /** How many of each; 0 leaves the server out. */
  kafka: number;
  cassandra: number;
  redis: number;
  /** Everything the servers write: removed by `reset`. */
  dataFolder: string;
  /** Downloaded server files, shared by all stacks of this user. */
  cacheFolder: string;
  /** First port; the servers take consecutive ones from here. */
  portBase: number;
  /** Partitions of the log's topics. */
  partitions: number;
  /** The servers go on when the process that started them ends. Default: they end with it. */
  outlivesStarter?: boolean;
}

export const STACK_COMMANDS = ['up', 'down', 'status', 'reset'] as const;
export type StackCommand = (typeof STACK_COMMANDS)[number];

export const defaultCacheFolder = () =>
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'garam', 'stack');

/** @throws Error with a text for people */
export function parseStackArguments(args: readonly string[]): { command: StackCommand; options: StackOptions } {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      kafka: { type: 'string', default: '1' },
      cassandra: { type: 'string', default: '1' },
      redis: { type: 'string', default: '1' },
      data: { type: 'string', default: './data/stack' },
      cache: { type: 'string', default: defaultCacheFolder() },
      'port-base': { type: 'string', default: '19000' },
      partitions: { type: 'string', default: '8' },
    },
  });
  const command = STACK_COMMANDS.find((name) => name === positionals[0]);
  if (command === undefined)
    throw new Error(
      `usage: npm run stack -- ${STACK_COMMANDS.join(' | ')} [--kafka N] [--cassandra N] [--redis N] [--data FOLDER] [--port-base N]`,
    );
  return {
    command,
    options: {
      kafka: wholeNumber('kafka', values.kafka, 5),
      cassandra: wholeNumber('cassandra', values.cassandra, 5),
      redis: wholeNumber('redis', values.redis, 1),
      dataFolder: resolve(values.data),
      cacheFolder: resolve(values.cache),
      portBase: wholeNumber('port-base', values['port-base'], 65_000),
      partitions: wholeNumber('partitions', values.partitions, 512),
      outlivesStarter: true,
    },
  };
}

/** @throws Error that names the argument */
export function wholeNumber(name: string, text: string, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > max)
    throw new Error(`--${name} takes a whole number from 0 to ${max}`);
  return value;
}
