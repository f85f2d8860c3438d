import type { MemberTimeline } from '@garam/domain/chat-state';
import { expect, test } from 'vitest';
import { createMemberMemory } from './member-memory.ts';

const row = (user: string, offset: number): MemberTimeline => ({
  user,
  entries: [{ offset, role: 'member' }],
  trimmed: false,
});

test('of a chat that never was saved everything is known', () => {
  const members = createMemberMemory(true);
  expect(members.knows('alice')).toBe(true);
  expect(members.get('alice')).toBeUndefined();
});

test('of a loaded chat only rows that were asked for are known, also those there are none of', () => {
  const members = createMemberMemory(false);
  expect(members.knows('alice')).toBe(false);
  members.remember(['alice', 'bob'], [row('alice', 1)]);
  expect(members.get('alice')).toEqual(row('alice', 1));
  expect(members.knows('bob')).toBe(true);
  expect(members.get('bob')).toBeUndefined();
});

test('an answer of the store never replaces a row that is newer here', () => {
  const members = createMemberMemory(false);
  members.change(row('alice', 9), 90);
  members.remember(['alice'], [row('alice', 1)]);
  expect(members.get('alice')).toEqual(row('alice', 9));
});

test('a row changed again while it was being saved stays to be saved', () => {
  const members = createMemberMemory(true);
  members.change(row('alice', 1), 10);
  members.change(row('alice', 2), 20);
  members.markSaved(row('alice', 1), 10);
  expect([...members.dirty]).toEqual([['alice', 20]]);
  members.markSaved(row('alice', 2), 20);
  expect(members.dirty.size).toBe(0);
});

test('clean rows can be dropped and are then asked for again; dirty ones stay', () => {
  const members = createMemberMemory(true);
  members.change(row('alice', 1), 10);
  members.change(row('bob', 1), 10);
  members.markSaved(row('alice', 1), 10);
  members.trim(0);
  expect(members.knows('alice')).toBe(false);
  expect(members.get('bob')).toEqual(row('bob', 1));
  expect(members.knows('carol')).toBe(false);
});
