import type { Assignment, ConsumeOptions, EventLog } from '@garam/eventlog/event-log';
import { quietLogger } from '@garam/telemetry/logger';
import { createManualClock } from '@garam/testkit/manual-clock';
import { expect, test } from 'vitest';
import { createConsumerService, type PartitionWork } from './consumer-service.ts';

/** A group whose partitions the test gives out. */
function rig(work: Partial<PartitionWork> = {}, isReady: Promise<void> = Promise.resolve()) {
  const clock = createManualClock();
  const abort = new AbortController();
  const calls: string[] = [];
  let consuming: ConsumeOptions | undefined;
  const consume: EventLog['consume'] = (options) => {
    consuming = options;
    return {
      ready: () => isReady,
      async stop() {
        calls.push('stop');
        abort.abort();
      },
    };
  };
  const service = createConsumerService(
    { log: { consume } as EventLog, clock, logger: quietLogger },
    {
      name: 'sorter',
      group: 'g',
      topics: ['t'],
      startTimeoutMs: 1_000,
      work: () => ({
        handle: async () => undefined,
        drain: async () => void calls.push('drain'),
        trouble: () => undefined,
        ...work,
      }),
    },
  );
  const assign = () => {
    const assignment: Assignment = {
      topic: 't',
      partition: 3,
      start: 0,
      signal: abort.signal,
      commit: async () => undefined,
    };
    consuming!.assigned(assignment);
  };
  return { clock, abort, calls, service, assign };
}

test('it is ready when it has its partitions and each makes progress', async () => {
  let trouble: string | undefined;
  const { service, assign } = rig({ trouble: () => trouble });
  expect(service.readiness()).toEqual({ ready: false, reason: 'new' });
  await service.start();
  assign();
  expect(service.readiness()).toEqual({ ready: true });
  trouble = 'apply: the store is away';
  expect(service.readiness()).toEqual({ ready: false, reason: 't/3: apply: the store is away' });
});

test('trouble of a partition that was taken away is no longer its own', async () => {
  const { service, assign, abort } = rig({ trouble: () => 'stuck' });
  await service.start();
  assign();
  abort.abort();
  expect(service.readiness()).toEqual({ ready: true });
});

test('a start without partitions fails at its deadline', async () => {
  const { clock, service } = rig({}, new Promise(() => undefined));
  const failed = service.start().catch((error: unknown) => error);
  await clock.advance(1_000);
  expect(String(await failed)).toMatch('no partitions within 1000 ms');
});

test('a drain lets the work finish before the group is left', async () => {
  const { service, assign, calls } = rig();
  await service.start();
  assign();
  await service.drain(5_000);
  expect(calls).toEqual(['drain', 'stop']);
  await service.stop();
  expect(calls).toEqual(['drain', 'stop']);
});

test('a drain ends at its grace even when the work does not', async () => {
  const { clock, service, assign, calls } = rig({ drain: () => new Promise(() => undefined) });
  await service.start();
  assign();
  const drained = service.drain(5_000);
  await clock.advance(5_000);
  await drained;
  expect(calls).toEqual(['stop']);
});
