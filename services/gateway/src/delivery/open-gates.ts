import type { EventRecord } from '@garam/contracts/event-record';
import { backoffDelayMs } from '@garam/runtime/backoff';
import { withDeadline } from '@garam/runtime/deadline';
import { DeliveryTimeout, type DeliveryCore } from './delivery-core.ts';
import type { HeadRead } from './delivery-parts.ts';
import { changesMembership } from './fold-membership.ts';
import { Gate } from './gate.ts';
import { passHeld } from './pass-event.ts';

const CHATS_MAX = 500;
const BACKOFF = { baseMs: 10, maxMs: 1_000 };

/**
 * The gates of the chats, opening those that are not there: route written (or the log being read here), then head read, then live. Each gate's
 * `opening` resolves when it is open (or given up because nobody needs it any more). Events that arrive meanwhile are held.
 */
export function openGates(core: DeliveryCore, chats: readonly string[]): Gate[] {
  const created: Gate[] = [];
  const gates = chats.map((chat) => {
    const known = core.gates.get(chat);
    if (known !== undefined) return known;
    const gate = new Gate(chat, core.holding);
    core.gates.set(chat, gate);
    created.push(gate);
    return gate;
  });
  for (let start = 0; start < created.length; start += CHATS_MAX)
    openTogether(core, created.slice(start, start + CHATS_MAX));
  return gates;
}

function openTogether(core: DeliveryCore, gates: readonly Gate[]): void {
  const waiting = new Map<Gate, () => void>();
  for (const gate of gates) gate.opening = new Promise((resolve) => waiting.set(gate, resolve));
  void openUntilDone(core, waiting).finally(() => {
    for (const resolve of waiting.values()) resolve();
  });
}

async function openUntilDone(core: DeliveryCore, waiting: Map<Gate, () => void>): Promise<void> {
  const { clock, metrics, logger } = core.deps;
  for (let attempt = 0; waiting.size > 0 && !core.stopping.aborted; attempt++) {
    if (attempt > 0) await clock.sleep(backoffDelayMs(attempt, BACKOFF, clock.random) + 1, core.stopping);
    for (const [gate, resolve] of waiting) {
      if (!gate.isClosed) continue;
      waiting.delete(gate);
      resolve();
    }
    try {
      await openOnce(core, waiting);
    } catch (error) {
      metrics.failures.add(1);
      logger.debug({ err: error, chats: waiting.size }, 'gates cannot be opened yet');
    }
  }
}

async function openOnce(core: DeliveryCore, waiting: Map<Gate, () => void>): Promise<void> {
  const gates = [...waiting.keys()];
  const { clock } = core.deps;
  const reading = core.parts.routeThenHead(
    core,
    gates.map((gate) => gate.chat),
  );
  const heads = await withDeadline(
    reading,
    core.options.readTimeoutMs,
    clock,
    () => new DeliveryTimeout('reading heads'),
  );
  const openings = gates.map(async (gate, index) => {
    const head = heads[index]!;
    const bridge = await eventsUpToHead(core, gate.chat, head);
    if (bridge === undefined || gate.isClosed || core.stopping.aborted) return;
    waiting.get(gate)?.();
    waiting.delete(gate);
    openAt(core, gate, head, bridge);
  });
  await Promise.all(openings);
}

/** What the persister has not stored yet, up to the head; undefined while that is not known densely. */
async function eventsUpToHead(core: DeliveryCore, chat: string, head: HeadRead): Promise<EventRecord[] | undefined> {
  const persisted = head.stored?.rev ?? 0;
  if (head.recentRev <= persisted) return [];
  const events = core.cover.isCut ? [] : await core.deps.bus.recent.range(chat, persisted, head.recentRev);
  const isDense =
    events.length === head.recentRev - persisted && events.every((event, index) => event.rev === persisted + index + 1);
  return isDense ? events : undefined;
}

/** The gate begins at the head: what is at or below it passed before, everything above will pass. */
function openAt(core: DeliveryCore, gate: Gate, { stored }: HeadRead, bridge: readonly EventRecord[]): void {
  const persisted = stored?.rev ?? 0;
  gate.last = persisted + bridge.length;
  gate.seq = bridge.at(-1)?.seq ?? stored?.seq ?? 0;
  gate.at = stored?.at ?? 0;
  gate.memberCount = stored?.memberCount ?? 0;
  for (const event of bridge) foldHead(gate, event);
  gate.known = Math.max(gate.known, gate.last);
  gate.keptFrom = persisted;
  gate.persisted = persisted;
  const membership = bridge.filter(changesMembership);
  gate.membership = membership.length > 0 ? membership : undefined;
  gate.isOpen = true;
  gate.openedAt = core.deps.clock.monotonic();
  gate.opening = undefined;
  passHeld(core, gate);
}

function foldHead(gate: Gate, { body, clock }: EventRecord): void {
  if (body.type === 'message.created' || body.type === 'chat.created') gate.at = Math.floor(clock / 1_000);
  if (body.type === 'member.added' || body.type === 'member.removed') gate.memberCount = body.memberCount;
  if (body.type === 'chat.created') gate.memberCount = body.members.length;
}
