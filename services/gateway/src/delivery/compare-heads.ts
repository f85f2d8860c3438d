import { withDeadline } from '@garam/runtime/deadline';
import { DeliveryTimeout, type DeliveryCore } from './delivery-core.ts';
import { readHeads } from './delivery-parts.ts';
import type { Gate } from './gate.ts';
import { joinChat } from './join-chat.ts';
import { passHeld } from './pass-event.ts';
import { recentChanges } from './write-routes.ts';

const CHATS_MAX = 500;
const USERS_AT_ONCE = 8;

/** Compares the heads of open gates with the store and the bus; what was missed is repaired. @throws BusError · StoreError */
export async function compareHeads(
  core: DeliveryCore & { isMending?: boolean },
  gates: readonly Gate[],
): Promise<void> {
  const open = gates.filter((gate) => gate.isOpen && !gate.isClosed);
  for (let start = 0; start < open.length && !core.stopping.aborted; start += CHATS_MAX) {
    const batch = open.slice(start, start + CHATS_MAX);
    const reading = readHeads(
      core,
      batch.map((gate) => gate.chat),
    );
    const heads = await withDeadline(reading, core.options.readTimeoutMs, core.deps.clock, () => {
      return new DeliveryTimeout('comparing heads');
    });
    batch.forEach((gate, index) => {
      const { stored, recentRev } = heads[index]!;
      gate.forgetPersisted(stored?.rev ?? 0);
      const head = Math.max(stored?.rev ?? 0, recentRev);
      if (head > gate.known) {
        gate.known = head;
        core.deps.metrics.healed.add(1);
      }
      if (gate.isOpen && gate.known > gate.last) passHeld(core, gate);
    });
  }
}

/** Compares chat lists of connected users with the store and the bus; missing chats are added. Never rejects. */
export async function compareChatLists(
  core: DeliveryCore & { isMending?: boolean },
  users: readonly string[],
): Promise<void> {
  const queue = [...users];
  const worker = async () => {
    for (let user = queue.pop(); user !== undefined && !core.stopping.aborted; user = queue.pop()) {
      await compareChatList(core, user).catch((error: unknown) => {
        core.deps.metrics.failures.add(1);
        core.deps.logger.debug({ err: error }, 'a chat list could not be compared');
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(USERS_AT_ONCE, users.length) }, worker));
}

async function compareChatList(core: DeliveryCore & { isMending?: boolean }, user: string): Promise<void> {
  const { reads, clock, metrics } = core.deps;
  const reading = Promise.all([recentChanges(core, user), reads.chatsOf(user)]);
  const timeout = () => new DeliveryTimeout('comparing a chat list');
  const [changes, rows] = await withDeadline(reading, core.options.readTimeoutMs, clock, timeout);
  const chats = new Map<string, number>();
  for (const row of rows) if (row.role !== null) chats.set(row.chat, row.rev);
  const left = new Map(rows.map((row) => [row.chat, row.role === null ? row.rev : 0]));
  for (const change of changes) {
    if (change.kind === 'removed') chats.delete(change.chat);
    else if (change.rev > (left.get(change.chat) ?? 0)) chats.set(change.chat, change.rev);
  }
  for (const attachment of core.users.get(user) ?? []) {
    if (!attachment.isReady) continue;
    for (const [chat, rev] of chats) {
      if (attachment.chats.has(chat)) continue;
      metrics.healed.add(1);
      void joinChat(core, attachment, chat, rev);
    }
  }
}
