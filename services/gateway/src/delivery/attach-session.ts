import type { RouteKey } from '@garam/bus/bus';
import type { StoredMembership } from '@garam/store/view-reads';
import { catchUpAll } from './catch-up.ts';
import { noteUse, type DeliveryCore } from './delivery-core.ts';
import { membershipAt } from './fold-membership.ts';
import type { Gate } from './gate.ts';
import { joinChat } from './join-chat.ts';
import { announce, linkChat, type CatchUp, type Cursor } from './link-chat.ts';
import { openGates } from './open-gates.ts';
import type { Attachment } from './receiver.ts';
import { recentChanges, writeRoutes } from './write-routes.ts';

export type OpenCursor = Cursor & { chat: string };

/** Chats may be added while their list is read. */
const ROUNDS_MAX = 4;

/**
 * Gives a receiver all chats of its user. Order, each step relying on the one before: user route written (or the log being read here) → recent changes and
 * chat list read → gates opened (routes, then heads) → chat list read again where a gate is new, so that it reflects
 * every event at or below the gate's first head → in one step: `ready` (the reply of hello) and the links.
 * @throws BusError · StoreError
 */
export async function attachSession(
  core: DeliveryCore,
  attachment: Attachment,
  { open, ready }: { open: readonly OpenCursor[]; ready: () => void },
): Promise<void> {
  const { user } = attachment;
  await writeRoutes(core, [`user:${user}` satisfies RouteKey]);
  const changes = await recentChanges(core, user);
  let readAt = core.deps.clock.monotonic();
  let rows = await core.deps.reads.chatsOf(user);
  const gates = new Map<string, Gate>();
  try {
    const named = [...open.map((cursor) => cursor.chat), ...changes.map((change) => change.chat)];
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const present = rows.filter((row) => row.role !== null).map((row) => row.chat);
      const missing = new Set([...present, ...named].filter((chat) => !gates.has(chat)));
      if (missing.size === 0) break;
      const opened = await pinOpened(core, [...missing], gates);
      if (opened.every((gate) => gate.isOpen && gate.openedAt < readAt)) break;
      readAt = core.deps.clock.monotonic();
      rows = await core.deps.reads.chatsOf(user);
    }
    ready();
    linkAll(core, attachment, { gates, rows, open });
  } finally {
    for (const gate of gates.values()) {
      gate.pins -= 1;
      noteUse(core, gate);
    }
  }
}

/** Keeps the gates of the chats and waits, not for ever, until they are open. */
async function pinOpened(core: DeliveryCore, chats: readonly string[], gates: Map<string, Gate>): Promise<Gate[]> {
  const opened = openGates(core, chats);
  const opening: Promise<void>[] = [];
  for (const gate of opened) {
    gate.pins += 1;
    core.idle.delete(gate);
    gates.set(gate.chat, gate);
    if (gate.opening !== undefined) opening.push(gate.opening);
  }
  if (opening.length === 0) return opened;
  const late = new AbortController();
  await Promise.race([Promise.all(opening), core.deps.clock.sleep(core.options.attachTimeoutMs, late.signal)]);
  late.abort();
  return opened;
}

interface Found {
  gates: Map<string, Gate>;
  rows: readonly StoredMembership[];
  open: readonly OpenCursor[];
}

function linkAll(core: DeliveryCore, attachment: Attachment, { gates, rows, open }: Found): void {
  const rowOf = new Map(rows.map((row) => [row.chat, row]));
  const cursorOf = new Map(open.map((cursor) => [cursor.chat, cursor]));
  const work: CatchUp[] = [];
  for (const gate of gates.values()) {
    const cursor = cursorOf.get(gate.chat);
    if (!gate.isOpen) {
      void linkLate(core, attachment, gate);
      continue;
    }
    const next = linkChat(core, attachment, gate, { row: membershipAt(rowOf.get(gate.chat)), cursor });
    if (next !== undefined) work.push(next);
  }
  const { early } = attachment;
  attachment.early = undefined;
  attachment.isReady = true;
  for (const [chat, rev] of early ?? []) void joinChat(core, attachment, chat, rev);
  if (work.length > 0) void catchUpAll(core, work);
}

/** A gate that opens after `hello` was answered: the client is told how far it has to fetch the events itself. */
async function linkLate(core: DeliveryCore, attachment: Attachment, gate: Gate): Promise<void> {
  gate.pins += 1;
  try {
    await gate.opening;
    if (!gate.isOpen || attachment.gone) return;
    const row = membershipAt((await core.deps.reads.membership(attachment.user, gate.chat)) ?? undefined);
    if (attachment.gone || gate.has(attachment)) return;
    const last = gate.head;
    linkChat(core, attachment, gate, { row, cursor: { seq: last.seq, rev: last.rev } });
    if (gate.has(attachment)) announce(core, attachment, gate, 'behind');
  } catch (error) {
    core.deps.metrics.failures.add(1);
    core.deps.logger.warn({ err: error, chat: gate.chat }, 'a chat could not be opened for a session');
  } finally {
    gate.pins -= 1;
    noteUse(core, gate);
  }
}
