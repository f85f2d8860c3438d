import { beforeEach, expect, test } from 'vitest';
import { createOutbox } from '../public/js/outbox.js';

const KEY = 'outbox';
let stored: Map<string, string>;
let full: boolean;

beforeEach(() => {
  stored = new Map();
  full = false;
});

const storage = {
  getItem: (key: string) => stored.get(key) ?? null,
  setItem(key: string, value: string) {
    if (full) throw new DOMException('full', 'QuotaExceededError');
    stored.set(key, value);
  },
  removeItem: (key: string) => void stored.delete(key),
} as unknown as Storage;

const open = (adopt: string[] = []) => createOutbox({ key: KEY, adopt, onChange: () => undefined, storage });
const storedEntries = (): { text: string; attempt: number }[] => JSON.parse(stored.get(KEY) ?? '[]');

test('an entry and the number of its attempt are stored before it is written', () => {
  const outbox = open();
  outbox.add('c', 'hello');
  expect(storedEntries()).toMatchObject([{ text: 'hello', attempt: 0 }]);
  outbox.begin(outbox.next()!);
  expect(storedEntries()).toMatchObject([{ text: 'hello', attempt: 1 }]);
});

test('after a reload an entry in flight is sent again with the same clientId and a higher attempt', () => {
  const before = open();
  before.add('c', 'hello');
  const first = before.next()!;
  before.begin(first);
  const after = open();
  const again = after.next()!;
  after.begin(again);
  expect(again).toMatchObject({ clientId: first.clientId, attempt: 2 });
});

test('a chat sends one at a time in the order written, chats do not wait for each other', () => {
  const outbox = open();
  for (const [chat, text] of [
    ['a', 'a1'],
    ['a', 'a2'],
    ['b', 'b1'],
  ] as const)
    outbox.add(chat, text);
  const order: string[] = [];
  for (let entry = outbox.next(); entry; entry = outbox.next()) {
    order.push(entry.text);
    outbox.begin(entry);
  }
  expect(order).toEqual(['a1', 'b1']);
  const [first] = outbox.of('a');
  outbox.requeue(first!);
  expect(outbox.next()?.text).toBe('a1');
  outbox.sent(first!, 1);
  expect(outbox.next()?.text).toBe('a2');
});

test('a refused entry lets later ones pass, and stays until the user retries or deletes it', () => {
  const outbox = open();
  outbox.add('c', 'refused');
  outbox.add('c', 'next');
  outbox.begin(outbox.next()!);
  outbox.fail(outbox.of('c')[0]!, 'forbidden');
  expect(outbox.next()?.text).toBe('next');
  expect(
    open()
      .of('c')
      .map((entry) => entry.status),
  ).toEqual(['failed', 'queued']);
  outbox.retry(outbox.of('c')[0]!.clientId);
  expect(outbox.next()?.text).toBe('refused');
});

test('the event of a message shown as failed makes it sent', () => {
  const outbox = open();
  outbox.add('c', 'text');
  outbox.fail(outbox.next()!, 'forbidden');
  outbox.settle(outbox.of('c')[0]!.clientId);
  expect(outbox.of('c')).toEqual([]);
});

test('entries of closed tabs are taken over and their outboxes removed', () => {
  stored.set(
    'other',
    JSON.stringify([{ clientId: 'x', chat: 'c', text: 'left', attempt: 1, createdAt: 1, status: 'sending' }]),
  );
  const outbox = open(['other']);
  expect(outbox.next()).toMatchObject({ clientId: 'x', attempt: 1 });
  expect(stored.has('other')).toBe(false);
  expect(storedEntries()).toHaveLength(1);
});

test('a full storage loses nothing while the page lives, and is reported', () => {
  const outbox = open();
  full = true;
  outbox.add('c', 'hello');
  expect(outbox.durable()).toBe(false);
  expect(outbox.next()?.text).toBe('hello');
});
