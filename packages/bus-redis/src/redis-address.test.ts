import { expect, test } from 'vitest';
import { nodeOf, redisAddress } from './redis-address.ts';

test('a URL names a server, its user, its password and its database', () => {
  expect(redisAddress('redis://127.0.0.1:6380')).toEqual({
    nodes: [{ host: '127.0.0.1', port: 6380 }],
    isCluster: false,
    isTls: false,
    db: 0,
  });
  expect(redisAddress('rediss://me:p%40ss@redis.example/3')).toEqual({
    nodes: [{ host: 'redis.example', port: 6379 }],
    isCluster: false,
    isTls: true,
    username: 'me',
    password: 'p@ss',
    db: 3,
  });
  expect(redisAddress('redis://:secret@a:1').password).toBe('secret');
});

test('several nodes are those of a cluster', () => {
  expect(redisAddress('redis://a:1,b:2,[::1]:3?cluster=true')).toMatchObject({
    nodes: [
      { host: 'a', port: 1 },
      { host: 'b', port: 2 },
      { host: '::1', port: 3 },
    ],
    isCluster: true,
  });
  expect(() => redisAddress('redis://a:1,b:2')).toThrow(/cluster=true/);
  expect(() => redisAddress('redis://a:1,b:2/1?cluster=true')).toThrow(/databases/);
});

test('what is no URL of Redis is refused without repeating the password', () => {
  for (const url of ['http://a', 'redis://', 'redis://a:1/x', 'redis://a:1?clutser=true', 'redis://u:secret@a:99999']) {
    expect(() => redisAddress(url)).toThrow(/^(?!.*secret)/);
  }
  expect(() => nodeOf('a:b:c')).toThrow(/host and port/);
});
