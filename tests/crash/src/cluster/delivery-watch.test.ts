import { expect, test } from 'vitest';
import type { SendRecord } from '../evidence.ts';
import { LiveView } from '../live-view.ts';
import { DeliveryWatch } from './delivery-watch.ts';

function world(): { sends: SendRecord[]; views: LiveView[]; watch: DeliveryWatch } {
  const sends: SendRecord[] = [];
  const views = ['alice', 'bob'].map((user) => new LiveView(user, 'c', { seq: 0, rev: 1 }, []));
  const watch = new DeliveryWatch(
    { sends },
    views.map((view) => ({ views: new Map([['c', view]]) })),
  );
  return { sends, views, watch };
}

function acked(ackedAt: number): SendRecord {
  const place = { chat: 'c', by: 'alice', clientId: 'x', text: '', order: 0, seq: 1, rev: 2 };
  return { ...place, outcome: 'acked', attempts: 1, firstWrittenAt: 0, ackedAt, trail: [] };
}

test('a message is unseen from its ok until the last member has it', () => {
  const { sends, views, watch } = world();
  sends.push(acked(1_000));
  views[0]!.cursor = { seq: 1, rev: 2 };
  watch.sample(3_000);
  expect(watch.allShown(1_000)).toBe(false);
  views[1]!.cursor = { seq: 1, rev: 2 };
  expect(watch.allShown(1_000)).toBe(true);
  expect(watch.takeLongestMs()).toBeGreaterThanOrEqual(2_000);
  watch.sample(9_000);
  expect(watch.takeLongestMs()).toBe(0);
});

test('a send without an ok is nobody’s to be shown', () => {
  const { sends, watch } = world();
  sends.push({ ...acked(0), outcome: 'pending', ackedAt: null });
  watch.sample(5_000);
  expect(watch.takeLongestMs()).toBe(0);
});
