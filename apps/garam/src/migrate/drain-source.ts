import type { AdapterDeps } from '@garam/adapters/adapter-deps';
import type { Adapters } from '@garam/adapters/open-adapters';
import { GROUPS, TOPICS } from '@garam/contracts/topics';
import type { EventLog } from '@garam/eventlog/event-log';
import type { Service } from '@garam/service/service';
import { createPersister } from '@garam/service-persister/persister';
import { persisterOptions } from '@garam/service-persister/config';
import { createReceipts } from '@garam/service-receipts/receipts';
import { receiptsOptions } from '@garam/service-receipts/config';
import { createSequencer } from '@garam/service-sequencer/sequencer';
import { sequencerOptions } from '@garam/service-sequencer/config';
import type { EffectiveConfig } from '../config.ts';
import { MigrationRefused, type Progress } from './migration.ts';

/** Whose work ends up in the store. What fanout has not published yet, clients read from the store. */
const CONSUMERS = [
  { group: GROUPS.sequencer, topic: TOPICS.commands },
  { group: GROUPS.persister, topic: TOPICS.events },
  { group: GROUPS.receipts, topic: TOPICS.receipts },
];
const POLL_MS = 50;
/** Without any progress for so long something is broken. */
const STANDSTILL_MS = 60_000;
/** Nobody else uses the file: what is decided is saved at once. */
const FLUSH_MS = 100;
const GRACE_MS = 10_000;

/**
 * Lets the folder's own services finish what is in its log: after that every command is decided, every event is in the
 * views and every receipt in the marks.
 * @throws MigrationRefused when they cannot
 */
export async function drainSource(
  { log, store, bus }: Adapters,
  { config, progress, ...deps }: AdapterDeps & { config: EffectiveConfig; progress: Progress },
): Promise<void> {
  let left = await pendingRecords(log);
  if (left === 0) return;
  const step = progress.step('finishing what the old log holds', left);
  const context = { log, store, bus, ...deps };
  const services = [
    createSequencer(context, { ...sequencerOptions(config), flushIntervalMs: FLUSH_MS }),
    createPersister(context, { ...persisterOptions(config), paceMs: 0 }),
    createReceipts(context, receiptsOptions(config)),
  ];
  try {
    for (const service of services) await service.start();
    let movedMs = deps.clock.monotonic();
    while (left > 0) {
      await deps.clock.sleep(POLL_MS);
      const now = await pendingRecords(log);
      if (now !== left) movedMs = deps.clock.monotonic();
      if (deps.clock.monotonic() - movedMs > STANDSTILL_MS) throw new MigrationRefused(standstill(left, services));
      step.add(Math.max(0, left - now));
      left = now;
    }
    for (const service of services) await service.drain(GRACE_MS);
  } finally {
    for (const service of services) await service.stop();
  }
  step.done();
}

/** Records that a consumer has still to take; decided commands turn into events on the way. */
async function pendingRecords(log: EventLog): Promise<number> {
  let pending = 0;
  for (const { group, topic } of CONSUMERS) {
    for (let partition = 0; partition < log.partitions; partition++) {
      const [end, committed] = [await log.end(topic, partition), await log.committed(group, topic, partition)];
      pending += Math.max(0, end - committed);
    }
  }
  return pending;
}

function standstill(left: number, services: readonly Service[]): string {
  const reasons = services.flatMap((service) => {
    const readiness = service.readiness();
    return readiness.ready ? [] : [`${service.name}: ${readiness.reason}`];
  });
  return `${left} records of the old log cannot be finished (${reasons.join('; ') || 'no reason is known'})`;
}
