import { expect, test } from 'vitest';
import { DeliveryCheck } from './delivery-check.ts';

const ALICE = 0;
const BOB = 1;
const CHAT = 0;

function receive(
  check: DeliveryCheck,
  member: number,
  events: readonly (readonly [rev: number, message: number])[],
): void {
  for (const [rev, message] of events) check.event(member, CHAT, rev, ALICE, message);
}

test('dense revs with the same content for everyone are clean, wherever a member began', () => {
  const check = new DeliveryCheck();
  receive(check, ALICE, [
    [4, 0],
    [5, 1],
    [6, -1],
    [7, 2],
  ]);
  receive(check, BOB, [
    [5, 1],
    [6, -1],
    [7, 2],
  ]);
  expect([check.duplicated, check.reordered]).toEqual([0, 0]);
});

test('a rev that comes twice to one member is a duplicate', () => {
  const check = new DeliveryCheck();
  receive(check, ALICE, [
    [1, 0],
    [2, 1],
    [1, 0],
  ]);
  expect([check.duplicated, check.reordered]).toEqual([1, 0]);
});

test('a jumped rev is reordered, and no duplicate when it comes late', () => {
  const check = new DeliveryCheck();
  receive(check, ALICE, [
    [1, 0],
    [3, 2],
    [2, 1],
  ]);
  expect(check.duplicated).toBe(0);
  expect(check.reordered).toBeGreaterThan(0);
});

test('another message under the same rev for another member is reordered', () => {
  const check = new DeliveryCheck();
  receive(check, ALICE, [
    [1, 0],
    [2, 1],
  ]);
  receive(check, BOB, [
    [1, 0],
    [2, 7],
  ]);
  expect(check.reordered).toBe(1);
});

test('two messages of one sender in the wrong order are reordered although the revs are dense', () => {
  const check = new DeliveryCheck();
  receive(check, ALICE, [
    [1, 1],
    [2, 0],
  ]);
  expect(check.reordered).toBe(1);
});
