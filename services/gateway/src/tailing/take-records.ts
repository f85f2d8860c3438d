import { decodeEvent } from '@garam/contracts/event-codec';
import { TOPICS } from '@garam/contracts/topics';
import type { LogRecord } from '@garam/eventlog/event-log';
import type { Intake } from '@garam/intake/intake';
import { answersSince, settleRecord } from '@garam/intake/settle-record';
import type { Clock } from '@garam/runtime/clock';
import { usersAdded } from '../delivery/fold-membership.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { SeenLately } from './seen-lately.ts';

export interface TakingDeps {
  clock: Pick<Clock, 'now'>;
  delivery: Pick<Delivery, 'gate' | 'offer' | 'added' | 'learn'>;
  intake: Pick<Intake, 'origin' | 'settle' | 'load'>;
  seen: SeenLately;
}

const MEMBERSHIP_TYPES: ReadonlySet<string> = new Set(['chat.created', 'member.added', 'member.removed']);

/**
 * Does with records of the log what the bus would have brought: events to the gates of their chats and to whoever waits
 * for the answer, membership to the users concerned, replies to their commands. What concerns nobody here is not decoded.
 */
export function takeRecords(deps: TakingDeps, records: readonly LogRecord[]): void {
  const since = answersSince(deps.intake, deps.clock.now());
  for (const record of records) {
    const mayAnswer = record.timestamp >= since;
    if (record.topic === TOPICS.events) takeEvent(deps, record, mayAnswer);
    else if (mayAnswer) settleRecord(deps.intake, record);
  }
}

function takeEvent({ delivery, seen }: TakingDeps, record: LogRecord, mayAnswer: boolean): void {
  const chat = record.key;
  const rev = revOf(record);
  const type = record.headers['ce_type'];
  if (rev !== undefined) seen.note(chat, rev);
  if (!mayAnswer && type !== undefined && !MEMBERSHIP_TYPES.has(type)) {
    const gate = delivery.gate(chat);
    if (gate === undefined || (rev !== undefined && rev <= gate.last && gate.isOpen)) return;
  }
  const event = decodeEvent(record.value);
  if (event === null) return;
  delivery.offer(event);
  for (const user of usersAdded(event)) {
    seen.noteChange(user, { chat, rev: event.rev, kind: 'added' });
    delivery.added(user, chat, event.rev);
  }
  if (event.body.type !== 'member.removed') return;
  seen.noteChange(event.body.user, { chat, rev: event.rev, kind: 'removed' });
  delivery.learn(chat, event.rev);
}

/** `ce_id` of an event is `<chat>:<rev>`. */
function revOf({ headers }: LogRecord): number | undefined {
  const id = headers['ce_id'];
  const rev = id === undefined ? Number.NaN : Number(id.slice(id.lastIndexOf(':') + 1));
  return Number.isSafeInteger(rev) && rev > 0 ? rev : undefined;
}
