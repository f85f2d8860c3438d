import { expect, test } from 'vitest';
import type { SendRecord } from '../evidence.ts';
import { checkLog } from './check-log.ts';
import type { LoggedEvent } from './check-log.ts';

/** The chat's creation, two messages by alice, a reaction between them. */
function cleanLog(): { events: LoggedEvent[]; sends: SendRecord[]; heads: Map<string, { seq: number; rev: number }> } {
  const events = [event(1, 0, null), event(2, 1, 'a0'), event(3, 1, null), event(4, 2, 'a1')];
  return { events, sends: [send('a0', 1, 2), send('a1', 2, 4)], heads: new Map([['c', { seq: 2, rev: 4 }]]) };
}

function event(rev: number, seq: number, clientId: string | null): LoggedEvent {
  const message = clientId === null ? null : { clientId, text: 'hello' };
  const place = { partition: 3, offset: BigInt(rev), key: 'c', chat: 'c' };
  return { ...place, rev, seq, by: 'alice', message, value: Buffer.from(`${rev} ${clientId}`) };
}

function send(clientId: string, seq: number, rev: number): SendRecord {
  const place = { chat: 'c', by: 'alice', clientId, text: 'hello', order: seq, seq, rev };
  return { ...place, outcome: 'acked', attempts: 1, firstWrittenAt: 1, ackedAt: 2, trail: [] };
}

function rulesAfter(damage: (log: ReturnType<typeof cleanLog>) => void): string[] {
  const log = cleanLog();
  damage(log);
  return [...new Set(checkLog(log.events, log.sends, log.heads).violations.map(({ rule }) => rule))];
}

test('a clean log has no violations, and is counted', () => {
  const { events, sends, heads } = cleanLog();
  expect(checkLog(events, sends, heads)).toEqual({ violations: [], events: 4, repeats: 0 });
});

test('a paused owner may repeat what is there, byte for byte', () => {
  const { events, sends, heads } = cleanLog();
  const repeated = [...events.slice(0, 3), ...events.slice(1)];
  expect(checkLog(repeated, sends, heads)).toEqual({ violations: [], events: 4, repeats: 2 });
});

test('a repeat with another content is found', () => {
  const rules = rulesAfter(({ events }) => events.push({ ...event(2, 1, 'a0'), value: Buffer.from('other') }));
  expect(rules).toEqual(['one rev, two contents in the log']);
});

test('a hole, a swap and a wrong seq are found', () => {
  expect(rulesAfter(({ events }) => events.splice(2, 1))).toContain('rev not dense in the log');
  expect(rulesAfter(({ events }) => events.splice(1, 2, events[2]!, events[1]!))).toContain('rev not dense in the log');
  expect(rulesAfter(({ events }) => (events[3]!.seq = 3))).toContain('seq not dense in the log');
});

test('a message with two seqs is found', () => {
  const rules = rulesAfter(({ events, heads }) => {
    events.push(event(5, 3, 'a0'));
    heads.set('c', { seq: 3, rev: 5 });
  });
  expect(rules).toContain('doubled in the log');
});

test('a chat in two partitions, or under another key, is found', () => {
  expect(rulesAfter(({ events }) => (events[3]!.partition = 4))).toEqual(['chat in two partitions']);
  expect(rulesAfter(({ events }) => (events[3]!.key = 'd'))).toEqual(['wrong key in the log']);
});

test('an acknowledged send that is missing or elsewhere, and a refused one that is there, are found', () => {
  const rule = 'acknowledged elsewhere than in the log';
  expect(rulesAfter(({ sends }) => sends.push(send('a9', 3, 5)))).toEqual([rule]);
  expect(rulesAfter(({ sends }) => (sends[1]!.rev = 3))).toEqual([rule]);
  expect(rulesAfter(({ sends }) => (sends[1]!.outcome = 'refused'))).toEqual(['refused but in the log']);
});

test('a history that ends elsewhere is found', () => {
  expect(rulesAfter(({ heads }) => heads.set('c', { seq: 2, rev: 5 }))).toEqual([
    'the log ends elsewhere than history',
  ]);
});
