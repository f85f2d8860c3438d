import { expect, test } from 'vitest';
import type { Violation } from './evidence.ts';
import { LiveView } from './live-view.ts';

const START = { seq: 0, rev: 1 };

function newView(): { view: LiveView; rules: () => string[] } {
  const violations: Violation[] = [];
  const view = new LiveView('alice', 'c', START, violations);
  view.connected();
  return { view, rules: () => violations.map(({ rule }) => rule) };
}

function message(rev: number, seq = rev - 1): Record<string, unknown> {
  return { rev, by: 'bob', type: 'message.created', message: { seq, clientId: `m${seq}`, text: 'hello' } };
}

test('dense events, of messages and others, move the cursor and show the messages', () => {
  const { view, rules } = newView();
  expect(
    [message(2), { rev: 3, type: 'reaction.set', seq: 1 }, message(4, 2)].map((event) => view.push(event)),
  ).toEqual([true, true, true]);
  expect(view.cursor).toEqual({ seq: 2, rev: 4 });
  expect(view.messages.map(({ seq }) => seq)).toEqual([1, 2]);
  expect(rules()).toEqual([]);
});

test('an event pushed twice on one connection is a violation and shown once', () => {
  const { view, rules } = newView();
  view.push(message(2));
  view.push(message(2));
  expect(view.messages).toHaveLength(1);
  expect(rules()).toEqual(['event pushed twice or backwards']);
});

test('an event pushed below the cursor named at hello is a violation', () => {
  const { view, rules } = newView();
  view.push(message(2));
  view.connected();
  view.push(message(2));
  expect(rules()).toEqual(['event pushed twice or backwards']);
});

test('a hole on an open socket is a violation and asks for a repair, which shows everything once', () => {
  const { view, rules } = newView();
  expect(view.push(message(4))).toBe(false);
  expect(view.wanted).toBe(4);
  view.repair([message(2), message(3), message(4)]);
  expect(view.messages.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(rules()).toEqual(['event skipped on an open socket']);
});

test('a hole announced by behind is none, as long as live goes on right above it', () => {
  const { view, rules } = newView();
  view.behind(3);
  expect(view.push(message(4))).toBe(false);
  view.repair([message(2), message(3), message(4)]);
  expect(view.push(message(5))).toBe(true);
  expect(view.cursor).toEqual({ seq: 4, rev: 5 });
  expect(rules()).toEqual([]);
});

test('a page of sync with a hole, and a seq with a hole, are violations', () => {
  const { view, rules } = newView();
  view.repair([message(2), message(4)]);
  view.push(message(3, 7));
  expect(rules()).toContain('sync left a hole');
  expect(rules()).toContain('live seq not dense');
});
