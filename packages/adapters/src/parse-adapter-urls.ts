import { redisAddress } from '@garam/bus-redis/redis-address';
import { ConfigError } from '@garam/service/load-config';
import { parseServerUrl, type ServerUrl } from './parse-server-url.ts';

export interface SqlitePlace {
  kind: 'sqlite';
  path: string;
}

export interface KafkaPlace {
  kind: 'kafka';
  brokers: string[];
  credentials?: ServerUrl['credentials'];
  mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  tls: boolean;
  /** For topics that are to be made; those that exist stay as they are. */
  partitions: number;
  replication: number;
  inSync: number;
  /** Without a heartbeat for so long a consumer's partitions go to others, ms. */
  sessionMs: number;
}

export interface CassandraPlace {
  kind: 'cassandra';
  contactPoints: string[];
  credentials?: ServerUrl['credentials'];
  keyspace: string;
  dataCenter: string;
  tls: boolean;
  /** For a keyspace that is to be made. */
  replication: number;
}

export interface RedisPlace {
  kind: 'redis';
  url: string;
}

/** What addresses of adapters may name. */
export interface Places {
  log: SqlitePlace | KafkaPlace;
  store: SqlitePlace | CassandraPlace;
  bus: { kind: 'memory' } | RedisPlace;
}
export type PortName = keyof Places;
export type AdapterUrls<Port extends PortName = PortName> = Record<Port, string>;

const SQLITE_FORM = 'sqlite:./path/to/file.db';
/** What is accepted, for people. */
export const ADAPTER_URL_FORMS: Record<PortName, string> = {
  log: `${SQLITE_FORM} or kafka://[user:password@]host:port,host:port[?partitions=32&replication=3&insync=2&sessionMs=6000&tls=on&sasl=plain|scram-sha-256|scram-sha-512]`,
  store: `${SQLITE_FORM} or cassandra://[user:password@]host:port,host:port/keyspace[?dc=datacenter1&replication=3&tls=on]`,
  bus: 'memory: or redis[s]://[user:password@]host:port[/database] or redis[s]://host:port,host:port?cluster=true',
};
const VARIABLES: Record<PortName, string> = { log: 'GARAM_LOG', store: 'GARAM_STORE', bus: 'GARAM_BUS' };

const PARSERS: { [Port in PortName]: (url: string) => Places[Port] } = {
  log: (url) => (schemeOf(url) === 'kafka' ? kafkaPlace(parseServerUrl(url)) : sqlitePlace(url)),
  store: (url) => (schemeOf(url) === 'cassandra' ? cassandraPlace(parseServerUrl(url)) : sqlitePlace(url)),
  bus: busPlace,
};

/**
 * The one place where addresses of adapters are read.
 * @throws ConfigError with every problem, and the forms that are accepted
 */
export function parseAdapterUrls<Port extends PortName>(urls: AdapterUrls<Port>): Pick<Places, Port> {
  const problems: string[] = [];
  const places: Partial<Record<PortName, unknown>> = {};
  for (const port of Object.keys(urls) as Port[]) {
    try {
      places[port] = PARSERS[port](urls[port]);
    } catch (error) {
      problems.push(`${VARIABLES[port]}: ${(error as Error).message}; expected ${ADAPTER_URL_FORMS[port]}`);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return places as Pick<Places, Port>;
}

function schemeOf(url: string): string {
  return url.slice(0, Math.max(0, url.indexOf(':')));
}

/** `sqlite:./data/garam.db` → `./data/garam.db` */
function sqlitePlace(url: string): SqlitePlace {
  const path = url.slice('sqlite:'.length);
  if (schemeOf(url) !== 'sqlite') throw new Error(`"${schemeOf(url)}:" is not known here`);
  if (path === '' || path.startsWith('//')) throw new Error('a path is missing behind sqlite:');
  return { kind: 'sqlite', path };
}

function kafkaPlace({ hosts, credentials, path, parameters }: ServerUrl): KafkaPlace {
  allowOnly(parameters, ['partitions', 'replication', 'insync', 'sessionMs', 'tls', 'sasl']);
  if (path !== '') throw new Error('a Kafka address has no path');
  const replication = wholeNumber(parameters, 'replication', { min: 1, max: 9, otherwise: 3 });
  const mostInSync = Math.max(1, replication - 1);
  return {
    kind: 'kafka',
    brokers: hosts,
    ...(credentials === undefined ? {} : { credentials }),
    mechanism: oneOf(parameters, 'sasl', ['scram-sha-512', 'scram-sha-256', 'plain']),
    tls: oneOf(parameters, 'tls', ['off', 'on']) === 'on',
    partitions: wholeNumber(parameters, 'partitions', { min: 1, max: 4_096, otherwise: 32 }),
    replication,
    inSync: wholeNumber(parameters, 'insync', { min: 1, max: replication, otherwise: mostInSync }),
    sessionMs: wholeNumber(parameters, 'sessionMs', { min: 1_000, max: 300_000, otherwise: 6_000 }),
  };
}

function cassandraPlace({ hosts, credentials, path, parameters }: ServerUrl): CassandraPlace {
  allowOnly(parameters, ['dc', 'replication', 'tls']);
  const keyspace = path === '' ? 'garam' : path;
  if (!/^[a-z][a-z0-9_]{0,47}$/.test(keyspace)) throw new Error(`"${keyspace}" is not a name of a keyspace`);
  return {
    kind: 'cassandra',
    contactPoints: hosts,
    ...(credentials === undefined ? {} : { credentials }),
    keyspace,
    dataCenter: parameters.get('dc') ?? 'datacenter1',
    tls: oneOf(parameters, 'tls', ['off', 'on']) === 'on',
    replication: wholeNumber(parameters, 'replication', { min: 1, max: 9, otherwise: 3 }),
  };
}

function busPlace(url: string): Places['bus'] {
  if (url === 'memory:') return { kind: 'memory' };
  const scheme = schemeOf(url);
  if (scheme !== 'redis' && scheme !== 'rediss') throw new Error(`"${scheme}:" is not known here`);
  redisAddress(url);
  return { kind: 'redis', url };
}

function allowOnly(parameters: ReadonlyMap<string, string>, names: readonly string[]): void {
  for (const name of parameters.keys()) {
    if (!names.includes(name)) throw new Error(`there is no parameter "${name}"`);
  }
}

function wholeNumber(
  parameters: ReadonlyMap<string, string>,
  name: string,
  { min, max, otherwise }: { min: number; max: number; otherwise: number },
): number {
  const text = parameters.get(name);
  if (text === undefined) return otherwise;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new Error(`${name} takes a whole number from ${min} to ${max}`);
}

/** One of the values; the first when none is given. */
function oneOf<Value extends string>(
  parameters: ReadonlyMap<string, string>,
  name: string,
  values: readonly [Value, ...Value[]],
): Value {
  const text = parameters.get(name);
  if (text === undefined) return values[0];
  const value = values.find((each) => each === text);
  if (value === undefined) throw new Error(`${name} takes ${values.join(' or ')}`);
  return value;
}
