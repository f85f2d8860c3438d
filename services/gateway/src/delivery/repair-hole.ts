import { backoffDelayMs } from '@garam/runtime/backoff';
import type { DeliveryCore } from './delivery-core.ts';
import type { Gate } from './gate.ts';
import { passEvent, passHeld } from './pass-event.ts';
import { readEvents } from './read-events.ts';

const BACKOFF = { baseMs: 20, maxMs: 1_000 };

/**
 * Reads the events between the gate's last one and the newest heard of, once for all receivers, until there is no hole.
 * Nothing is ever skipped: where the events cannot be read yet, the gate stands and tries again.
 */
export function startRepair(core: DeliveryCore, gate: Gate): void {
  if (gate.repairing || !gate.isOpen || gate.isClosed || !core.parts.repairsHoles) return;
  gate.repairing = true;
  core.deps.metrics.repairs.add(1);
  void repair(core, gate).finally(() => {
    gate.repairing = false;
  });
}

async function repair(core: DeliveryCore, gate: Gate): Promise<void> {
  const { clock, metrics, logger } = core.deps;
  for (let failures = 0; gate.known > gate.last && !gate.isClosed && !core.stopping.aborted;) {
    const before = gate.last;
    if (gate.known - gate.last > core.options.catchUpMax) gate.quietThrough = Math.max(gate.quietThrough, gate.known);
    try {
      await readOnce(core, gate);
    } catch (error) {
      metrics.failures.add(1);
      logger.debug({ err: error, chat: gate.chat, last: gate.last, known: gate.known }, 'hole not readable yet');
    }
    if (gate.last > before) failures = 0;
    else await clock.sleep(backoffDelayMs(failures++, BACKOFF, clock.random) + 1, core.stopping);
  }
}

async function readOnce(core: DeliveryCore, gate: Gate): Promise<void> {
  const events = await readEvents(core, gate.chat, { seq: gate.seq, rev: gate.last }, gate.known);
  for (const event of events) {
    if (event.rev !== gate.last + 1) continue;
    if (event.record?.cause?.origin === core.deps.instance) core.deps.settle(event.record);
    passEvent(core, gate, event);
  }
  passHeld(core, gate);
}
