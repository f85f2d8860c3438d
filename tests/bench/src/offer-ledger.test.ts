import { expect, test } from 'vitest';
import { OfferLedger } from './offer-ledger.ts';

const SENDER = 3;

test('an acknowledged message that misses a receiver is lost, one never acknowledged is not', () => {
  const ledger = new OfferLedger(10);
  const first = ledger.offer(SENDER, 2, 0);
  const second = ledger.offer(SENDER, 2, 1);
  ledger.answer(first.number);
  ledger.accepted(first.number);
  ledger.delivered(first.message);
  ledger.delivered(second.message);
  expect(ledger.lost()).toBe(1);
  expect(ledger.undelivered).toBe(1);
  expect(ledger.open).toBe(1);
  ledger.delivered(first.message);
  expect(ledger.lost()).toBe(0);
  expect(ledger.undelivered).toBe(0);
});

test('latency of an answer counts from the intended time of that offer, and only the first answer counts', () => {
  const ledger = new OfferLedger(10);
  const { number } = ledger.offer(SENDER, 2, 1234.5);
  expect(ledger.answer(number)).toBe(1234.5);
  expect(ledger.answer(number)).toBeNull();
  expect(ledger.answer(99)).toBeNull();
});

test('after a refusal the next arrival of that sender brings the same message again with a higher attempt', () => {
  const ledger = new OfferLedger(10);
  const first = ledger.offer(SENDER, 2, 0);
  ledger.answer(first.number);
  ledger.refused(first.number, SENDER);
  expect(ledger.offer(SENDER + 1, 2, 1)).toMatchObject({ attempt: 1, message: first.message + 1 });
  expect(ledger.offer(SENDER, 2, 2)).toMatchObject({ attempt: 2, message: first.message });
  expect(ledger.offer(SENDER, 2, 3)).toMatchObject({ attempt: 1, message: first.message + 2 });
});

test('of several refused messages the latest comes again, and an earlier one never after it', () => {
  const ledger = new OfferLedger(10);
  const [first, second] = [ledger.offer(SENDER, 2, 0), ledger.offer(SENDER, 2, 1)];
  ledger.refused(second.number, SENDER);
  const again = ledger.offer(SENDER, 2, 2);
  expect(again.message).toBe(second.message);
  ledger.refused(first.number, SENDER);
  expect(ledger.offer(SENDER, 2, 3).message).toBe(second.message + 1);
});
