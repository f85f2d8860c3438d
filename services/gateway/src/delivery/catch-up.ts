import type { DeliveryCore } from './delivery-core.ts';
import { noteUse } from './delivery-core.ts';
import { seqAfter, sharedEvent } from './gate-event.ts';
import { announce, type CatchUp, type Cursor } from './link-chat.ts';
import { becomeLive } from './pass-event.ts';
import { SharedPush } from '../shared-push.ts';
import { readEvents } from './read-events.ts';

/** What one `hello` may still be given. */
export interface CatchUpBudget {
  events: number;
  bytes: number;
}

const CHATS_AT_ONCE = 4;
const PACE_MS = 25;
const PACE_WAITS_MAX = 200;

/** Gives a receiver what it misses in each of the chats; where that is too much, it is told `behind`. Never rejects. */
export async function catchUpAll(core: DeliveryCore, work: readonly CatchUp[]): Promise<void> {
  const budget = { events: core.options.catchUpTotalMax, bytes: core.options.catchUpBytesMax };
  const queue = [...work];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await catchUp(core, next, budget);
  };
  await Promise.all(Array.from({ length: Math.min(CHATS_AT_ONCE, work.length) }, worker));
}

async function catchUp(core: DeliveryCore, work: CatchUp, budget: CatchUpBudget): Promise<void> {
  let isComplete = false;
  try {
    isComplete = await pushMissing(core, work, budget);
  } catch (error) {
    core.deps.metrics.failures.add(1);
    core.deps.logger.debug({ err: error, chat: work.gate.chat }, 'catching up ended early');
  }
  finish(core, work, isComplete);
}

/** Whether everything up to `through` was pushed. */
async function pushMissing(core: DeliveryCore, work: CatchUp, budget: CatchUpBudget): Promise<boolean> {
  const at: Cursor = { seq: work.cursor.seq, rev: work.cursor.rev };
  while (at.rev < work.through) {
    if (!(await hasRoom(core, work))) return false;
    const events = await readEvents(core, work.gate.chat, at, work.through);
    if (events.length === 0) return false;
    for (const event of events) {
      if (work.attachment.gone || budget.events <= 0 || budget.bytes <= 0) return false;
      budget.events -= 1;
      budget.bytes -= work.attachment.receiver.push(sharedEvent(event));
      at.rev = event.rev;
      at.seq = seqAfter(event, at.seq);
    }
  }
  return true;
}

/** Waits for the socket to take what it has. */
async function hasRoom(core: DeliveryCore, { attachment }: CatchUp): Promise<boolean> {
  for (let waits = 0; waits < PACE_WAITS_MAX; waits++) {
    if (attachment.gone || core.stopping.aborted) return false;
    if (attachment.receiver.bufferedBytes() <= core.options.pacedBytes) return true;
    await core.deps.clock.sleep(PACE_MS, core.stopping);
  }
  return false;
}

/** Switches to live in the step in which the queued events are pushed. */
function finish(core: DeliveryCore, { attachment, gate, pending }: CatchUp, isComplete: boolean): void {
  if (attachment.gone || gate.pending?.get(attachment) !== pending) return;
  if (isComplete && !pending.overflown) for (const { push } of pending.queue) attachment.receiver.push(push);
  else if (!pending.removed) announce(core, attachment, gate, 'behind');
  becomeLive(core, gate, attachment, pending);
  if (!pending.removed) return;
  gate.live.delete(attachment);
  attachment.chats.delete(gate.chat);
  attachment.receiver.push(new SharedPush({ t: 'chat.removed', chat: gate.chat }));
  noteUse(core, gate);
}
