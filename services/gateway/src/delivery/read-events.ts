import { withDeadline } from '@garam/runtime/deadline';
import { DeliveryTimeout, type DeliveryCore } from './delivery-core.ts';
import type { GateEvent } from './gate-event.ts';

const PAGE_MAX = 200;

/**
 * Events after a rev, dense from the next one on, at most a page and at most through `through`: from the recent ones
 * of the bus where these are dense, else from the store, waiting for the persister.
 * @throws Refusal `unavailable` · DeliveryTimeout
 */
export function readEvents(
  core: DeliveryCore,
  chat: string,
  after: { seq: number; rev: number },
  through: number,
): Promise<GateEvent[]> {
  return withDeadline(read(core, chat, after, through), core.options.readTimeoutMs, core.deps.clock, () => {
    return new DeliveryTimeout('reading events');
  });
}

async function read(
  { deps, cover }: DeliveryCore,
  chat: string,
  after: { seq: number; rev: number },
  through: number,
): Promise<GateEvent[]> {
  const last = Math.min(through, after.rev + PAGE_MAX);
  const recent = cover.isCut ? [] : await deps.bus.recent.range(chat, after.rev, last).catch(() => []);
  const events: GateEvent[] = [];
  for (const record of recent) {
    if (record.rev !== after.rev + events.length + 1) break;
    events.push({ rev: record.rev, record });
  }
  if (events.length > 0) return events;
  const page = await deps.views.eventsAfter(chat, after, { limit: PAGE_MAX, atLeastRev: after.rev + 1 });
  for (const { wire, record } of page.events) {
    if (wire.rev !== after.rev + events.length + 1 || wire.rev > last) break;
    events.push(record === undefined ? { rev: wire.rev, wire } : { rev: wire.rev, wire, record });
  }
  return events;
}
