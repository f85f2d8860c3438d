import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { defaultCacheFolder, STACK_COMMANDS, wholeNumber } from '@garam/stack/stack-options';
import type { ClusterOptions, EdgeGroup } from './cluster-options.ts';

export const CLUSTER_COMMANDS = [...STACK_COMMANDS, 'run'] as const;
export type ClusterCommand = (typeof CLUSTER_COMMANDS)[number];

const USAGE = `usage: npm run cluster -- ${CLUSTER_COMMANDS.join(' | ')} [--gateways 2] [--apis 1] [--sequencers 2]
  [--persisters 2] [--fanouts 2] [--receipts 2] [--kafka 1] [--cassandra 1] [--redis 1] [--partitions 8]
  [--data FOLDER] [--port-base N] [--edges FILE] [--env NAME=VALUE …]`;

/** @throws Error with a text for people */
export function parseClusterArguments(args: readonly string[]): { command: ClusterCommand; options: ClusterOptions } {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      gateways: { type: 'string', default: '2' },
      apis: { type: 'string', default: '1' },
      sequencers: { type: 'string', default: '2' },
      persisters: { type: 'string', default: '2' },
      fanouts: { type: 'string', default: '2' },
      receipts: { type: 'string', default: '2' },
      kafka: { type: 'string', default: '1' },
      cassandra: { type: 'string', default: '1' },
      redis: { type: 'string', default: '1' },
      partitions: { type: 'string', default: '8' },
      data: { type: 'string', default: './data/cluster' },
      cache: { type: 'string', default: defaultCacheFolder() },
      'port-base': { type: 'string' },
      'jwt-secret': { type: 'string' },
      edges: { type: 'string' },
      env: { type: 'string', multiple: true, default: [] },
    },
  });
  const command = CLUSTER_COMMANDS.find((name) => name === positionals[0]);
  if (command === undefined) throw new Error(USAGE);
  const number = (name: keyof typeof values, max: number) => wholeNumber(name, String(values[name]), max);
  return {
    command,
    options: {
      counts: {
        gateway: number('gateways', 20),
        api: number('apis', 20),
        sequencer: number('sequencers', 10),
        persister: number('persisters', 10),
        fanout: number('fanouts', 10),
        receipts: number('receipts', 10),
      },
      edges: values.edges === undefined ? [] : (JSON.parse(readFileSync(values.edges, 'utf8')) as EdgeGroup[]),
      servers: {
        kafka: number('kafka', 5),
        cassandra: number('cassandra', 5),
        redis: number('redis', 1),
        partitions: number('partitions', 512),
        cacheFolder: resolve(values.cache),
      },
      dataFolder: resolve(values.data),
      ...(values['port-base'] === undefined ? {} : { portBase: number('port-base', 65_000) }),
      ...(values['jwt-secret'] === undefined ? {} : { jwtSecret: values['jwt-secret'] }),
      environment: Object.fromEntries(values.env.map(settingOf)),
      outlivesStarter: command !== 'run',
    },
  };
}

function settingOf(text: string): [string, string] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new Error(`--env takes NAME=VALUE, not "${text}"`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}
