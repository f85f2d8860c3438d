import type { SentEntry } from '@garam/domain/chat-state';
import { expect, test } from 'vitest';
import { createSentMemory } from './sent-memory.ts';

function entry(offset: number, clientId = `m${offset}`, answeredClock = offset * 10): SentEntry {
  const numbers = { offset, seq: 1, rev: 1, clock: answeredClock, answeredClock, attempt: 1, sentAt: 0 };
  return { actor: 'alice', clientId, outcome: 'accepted', digest: 'd', ...numbers };
}

const key = (clientId: string) => ({ actor: 'alice', clientId });

test('memory of a chat that never was saved is complete for every age', () => {
  expect(createSentMemory(-Infinity).isComplete('alice', 'm1', -1e15)).toBe(true);
});

test('after a load only what came later is complete, until a key is looked up', () => {
  const sent = createSentMemory(100);
  expect(sent.isComplete('alice', 'm1', 101)).toBe(true);
  expect(sent.isComplete('alice', 'm1', 100)).toBe(false);
  sent.remember(key('m1'), [entry(5, 'm1')], 100);
  expect(sent.isComplete('alice', 'm1', 0)).toBe(true);
  expect(sent.isComplete('alice', 'm2', 0)).toBe(false);
  expect(sent.isComplete('bob', 'm1', 0)).toBe(false);
});

test('what was looked up and what was decided since are found together', () => {
  const sent = createSentMemory(100);
  sent.remember(key('m1'), [entry(5, 'm1')], 100);
  sent.add(entry(20, 'm1'));
  expect(sent.find('alice', 'm1').map(({ offset }) => offset)).toEqual([5, 20]);
});

test('entries that are not saved stay, whatever their age', () => {
  const sent = createSentMemory(-Infinity);
  sent.add(entry(1));
  sent.add(entry(2));
  sent.trim(1_000);
  expect(sent.find('alice', 'm1')).toHaveLength(1);
  sent.markSaved(1);
  sent.trim(1_000);
  expect(sent.find('alice', 'm1')).toHaveLength(0);
  expect(sent.find('alice', 'm2')).toHaveLength(1);
});

test('dropping an entry makes memory incomplete up to its clock, and forgets a look-up of its key', () => {
  const sent = createSentMemory(-Infinity);
  sent.remember(key('m3'), [], 500);
  sent.add(entry(3));
  sent.add(entry(4));
  sent.markSaved(2);
  sent.trim(35);
  expect(sent.isComplete('alice', 'm3', 30)).toBe(false);
  expect(sent.isComplete('alice', 'm4', 30)).toBe(false);
  expect(sent.isComplete('alice', 'm4', 31)).toBe(true);
});

test('a flush takes the unsaved entries up to an offset and no others', () => {
  const sent = createSentMemory(-Infinity);
  for (const offset of [1, 2, 3, 4]) sent.add(entry(offset));
  expect(sent.unsaved(2).map(({ offset }) => offset)).toEqual([1, 2]);
  sent.markSaved(2);
  expect(sent.unsaved(10).map(({ offset }) => offset)).toEqual([3, 4]);
  expect(sent.unsavedCount).toBe(2);
});

test('memory stays bounded over many entries, and what is young is still found', () => {
  const sent = createSentMemory(-Infinity);
  for (let offset = 1; offset <= 20_000; offset++) {
    sent.add(entry(offset));
    sent.markSaved(1);
    if (offset % 100 === 0) sent.trim((offset - 500) * 10);
  }
  expect(sent.size).toBeLessThanOrEqual(501);
  expect(sent.find('alice', 'm19999')).toHaveLength(1);
  expect(sent.find('alice', 'm19000')).toHaveLength(0);
  sent.add(entry(20_001));
  expect(sent.unsaved(Infinity).map(({ offset }) => offset)).toEqual([20_001]);
});
