import apiKeys from 'kafkajs/src/protocol/requests/apiKeys.js';
import protocol from 'kafkajs/src/protocol/requests/index.js';
import { KafkaError } from './kafka-error.ts';

/** One request and how its answer is read. */
export interface Exchange<T> {
  name: string;
  apiKey: number;
  apiVersion: number;
  /** Flexible versions have one more field in both headers. */
  isFlexible?: boolean;
  encode(): Buffer | Promise<Buffer>;
  decode(payload: Buffer): T | Promise<T>;
  /** How long the answer may take beyond the connection's own request timeout, ms. */
  extraMs?: number;
}

/** The versions of each request a broker speaks, by api key. */
export type ApiVersions = Record<number, { minVersion: number; maxVersion: number }>;

/** Requests of which kafkajs's codec is used. */
export type CodecName =
  | 'ApiVersions'
  | 'CreateTopics'
  | 'DeleteRecords'
  | 'DeleteTopics'
  | 'DescribeConfigs'
  | 'GroupCoordinator'
  | 'Heartbeat'
  | 'JoinGroup'
  | 'LeaveGroup'
  | 'ListOffsets'
  | 'OffsetCommit'
  | 'OffsetFetch'
  | 'SyncGroup';

export type KafkajsExchange = ReturnType<ReturnType<ReturnType<typeof protocol.lookup>>>;

/**
 * A request made and read by kafkajs's codec. Error codes inside the answer are left to the caller: kafkajs would throw
 * for the first one and hide what happened to the other partitions.
 */
export function kafkajsExchange<T>(name: CodecName, payload: object, versions: ApiVersions): Exchange<T> {
  const definition = protocol.requests[name]!;
  const made =
    name === 'ApiVersions'
      ? definition.protocol({ version: 2 })()
      : protocol.lookup(versions)(apiKeys[name]!, definition)(payload);
  return { ...fromKafkajs<T>(made), decode: (bytes) => made.response.decode(bytes) as Promise<T> };
}

/** As kafkajs uses it itself, error codes thrown. */
export function fromKafkajs<T>({ request, response, requestTimeout = 0 }: KafkajsExchange): Exchange<T> {
  return {
    name: request.apiName,
    apiKey: request.apiKey,
    apiVersion: request.apiVersion,
    encode: async () => (await request.encode()).buffer,
    decode: async (bytes) => (await response.parse(await response.decode(bytes))) as T,
    extraMs: requestTimeout,
  };
}

/** @throws KafkaError when the broker is too old (or too new) for a request with a codec of our own. */
export function requireVersion({ name, apiKey, apiVersion }: Exchange<unknown>, versions: ApiVersions): void {
  const range = versions[apiKey];
  if (range !== undefined && range.minVersion <= apiVersion && apiVersion <= range.maxVersion) return;
  throw new KafkaError('not_sent', `the broker does not speak ${name} version ${apiVersion}`, {
    code: 'UNSUPPORTED_VERSION',
  });
}
