import { Refusal } from '@garam/protocol/errors';
import type { Summary } from '@garam/protocol/entities';
import { backoffDelayMs } from '@garam/runtime/backoff';
import { SharedPush } from '../shared-push.ts';
import { catchUpAll } from './catch-up.ts';
import { noteUse, type DeliveryCore } from './delivery-core.ts';
import type { Gate } from './gate.ts';
import { linkChat } from './link-chat.ts';
import { openGates } from './open-gates.ts';
import { passHeld } from './pass-event.ts';
import type { Attachment, Join } from './receiver.ts';

const BACKOFF = { baseMs: 50, maxMs: 2_000 };
const ATTEMPTS_MAX = 10;

/**
 * Adds a chat to a receiver that is connected already: gate opened, Summary as of a persisted rev, then in one step the push
 * `chat.added` and the link, so that exactly the events above the Summary's head follow. Does nothing where the
 * chat is there; one join per chat at a time. Given up after some attempts: the comparison of chat lists finds it again.
 */
export function joinChat(core: DeliveryCore, attachment: Attachment, chat: string, rev: number): Promise<void> {
  if (attachment.gone || attachment.chats.has(chat)) return Promise.resolve();
  if (!attachment.isReady) {
    attachment.early ??= new Map();
    attachment.early.set(chat, Math.max(rev, attachment.early.get(chat) ?? 0));
    return Promise.resolve();
  }
  const running = attachment.joins?.get(chat);
  if (running !== undefined) {
    running.rev = Math.max(running.rev, rev);
    return running.done;
  }
  const join: Join = { rev, done: Promise.resolve() };
  (attachment.joins ??= new Map()).set(chat, join);
  join.done = joinUntilDone(core, attachment, chat, join).finally(() => {
    attachment.joins?.delete(chat);
    if (attachment.joins?.size === 0) attachment.joins = undefined;
  });
  return join.done;
}

async function joinUntilDone(core: DeliveryCore, attachment: Attachment, chat: string, join: Join): Promise<void> {
  const { clock, metrics, logger } = core.deps;
  const gate = openGates(core, [chat])[0]!;
  gate.pins += 1;
  core.idle.delete(gate);
  try {
    for (let attempt = 0; attempt < ATTEMPTS_MAX && !attachment.gone && !core.stopping.aborted; attempt++) {
      if (attempt > 0) await clock.sleep(backoffDelayMs(attempt, BACKOFF, clock.random), core.stopping);
      const { rev } = join;
      const isSettled = await joinOnce(core, attachment, gate, rev);
      // Removed and added once more meanwhile: what was found out about the earlier membership settles nothing.
      if (isSettled && (join.rev === rev || attachment.chats.has(chat))) return;
    }
  } catch (error) {
    metrics.failures.add(1);
    logger.warn({ err: error, chat }, 'a chat could not be added to a session');
  } finally {
    gate.pins -= 1;
    noteUse(core, gate);
  }
}

/** Whether it is settled: added, or not to be added. */
async function joinOnce(core: DeliveryCore, attachment: Attachment, gate: Gate, rev: number): Promise<boolean> {
  let summary: Summary;
  try {
    await gate.opening;
    if (!gate.isOpen) return false;
    summary = await core.deps.views.chat(attachment.user, gate.chat, rev);
  } catch (error) {
    core.deps.metrics.failures.add(1);
    if (!(error instanceof Refusal) || error.wire.name !== 'not_found') return false;
    takeAway(attachment, gate);
    return true;
  }
  if (attachment.gone || gate.has(attachment)) return true;
  const row = { rev: summary.head.rev, isMember: true, viewRev: 0 };
  if (!core.parts.foldMembership(row, attachment.user, gate.membership ?? []).isMember) {
    takeAway(attachment, gate);
    return true;
  }
  attachment.takeGreeting(gate.chat)?.(summary);
  attachment.receiver.push(new SharedPush({ t: 'chat.added', chat: summary }));
  const work = linkChat(core, attachment, gate, { row, cursor: summary.head });
  if (summary.head.rev > gate.known) {
    // The summary shows what this gate has not heard of.
    gate.known = summary.head.rev;
    passHeld(core, gate);
  }
  if (work !== undefined) void catchUpAll(core, [work]);
  return true;
}

/** Removed before it was ever linked: a client that has read of the chat meanwhile must hear that it is gone. */
function takeAway(attachment: Attachment, gate: Gate): void {
  attachment.noteLeft(gate.chat, gate.last);
  if (!attachment.gone && !gate.has(attachment))
    attachment.receiver.push(new SharedPush({ t: 'chat.removed', chat: gate.chat }));
}
