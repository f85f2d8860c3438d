import { ConfigError } from '@garam/service/load-config';
import { expect, test } from 'vitest';
import { parseAdapterUrls } from './parse-adapter-urls.ts';

const log = (url: string) => parseAdapterUrls({ log: url }).log;
const store = (url: string) => parseAdapterUrls({ store: url }).store;
const bus = (url: string) => parseAdapterUrls({ bus: url }).bus;

test('the embedded addresses name a file and nothing', () => {
  expect(log('sqlite:./data/garam.db')).toEqual({ kind: 'sqlite', path: './data/garam.db' });
  expect(store('sqlite:/var/lib/garam.db')).toEqual({ kind: 'sqlite', path: '/var/lib/garam.db' });
  expect(bus('memory:')).toEqual({ kind: 'memory' });
});

test('several brokers, and safe replication unless told otherwise', () => {
  expect(log('kafka://a:9092,b:9092')).toEqual({
    kind: 'kafka',
    brokers: ['a:9092', 'b:9092'],
    mechanism: 'scram-sha-512',
    tls: false,
    partitions: 32,
    replication: 3,
    inSync: 2,
    sessionMs: 6_000,
  });
  expect(log('kafka://127.0.0.1:1?partitions=8&replication=1')).toMatchObject({ partitions: 8, inSync: 1 });
});

test('credentials are decoded', () => {
  expect(log('kafka://us%40er:p%3Ass@a:9092?tls=on&sasl=plain')).toMatchObject({
    credentials: { username: 'us@er', password: 'p:ss' },
    mechanism: 'plain',
    tls: true,
  });
});

test('a keyspace, a data centre and copies', () => {
  expect(store('cassandra://a:9042,[::1]:9042/chats?dc=seoul&replication=1')).toEqual({
    kind: 'cassandra',
    contactPoints: ['a:9042', '[::1]:9042'],
    keyspace: 'chats',
    dataCenter: 'seoul',
    tls: false,
    replication: 1,
  });
  expect(store('cassandra://a:9042')).toMatchObject({ keyspace: 'garam', dataCenter: 'datacenter1', replication: 3 });
});

test('an address of the bus goes to its adapter as it is', () => {
  expect(bus('rediss://u:p@a:6379/1')).toEqual({ kind: 'redis', url: 'rediss://u:p@a:6379/1' });
  expect(bus('redis://a:1,b:2?cluster=true')).toEqual({ kind: 'redis', url: 'redis://a:1,b:2?cluster=true' });
});

test.each([
  ['kafka://a', 'host:port'],
  ['kafka://a:0', 'host:port'],
  ['kafka://a:9092/topic', 'path'],
  ['kafka://a:9092?retention=1', '"retention"'],
  ['kafka://a:9092?replication=0', 'replication'],
  ['kafka://a:9092?replication=1&insync=2', 'insync'],
  ['kafka://a:9092?tls=yes', 'tls'],
  ['sqlite:', 'path'],
  ['mysql://a:1', 'mysql'],
])('%s is refused as an address of the log, with the forms that are accepted', (url, reason) => {
  expect(() => log(url)).toThrow(ConfigError);
  expect(() => log(url)).toThrow(reason);
  expect(() => log(url)).toThrow('expected sqlite:./path/to/file.db or kafka://');
});

test.each([
  ['cassandra://a:9042/Bad-Name', 'Bad-Name'],
  ['cassandra://a:9042/k?replication=many', 'replication'],
  ['cassandra://user@a:9042/k', 'user:password'],
])('%s is refused as an address of the store', (url, reason) => {
  expect(() => store(url)).toThrow(reason);
});

test('several hosts of the bus are a cluster or a mistake', () => {
  expect(() => bus('redis://a:1,b:2')).toThrow(ConfigError);
});

test('every problem is reported at once, and no password', () => {
  let told = '';
  try {
    parseAdapterUrls({
      log: 'kafka://user:hunter2@a',
      store: 'cassandra://user:hunter2@b/k',
      bus: 'redis://x:hunter2@',
    });
  } catch (error) {
    told = String(error);
  }
  expect(told).toMatch(/GARAM_LOG[\s\S]*GARAM_STORE[\s\S]*GARAM_BUS/);
  expect(told).not.toContain('hunter2');
});
