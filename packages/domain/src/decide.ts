import type { CommandRecord } from '@garam/contracts/command-record';
import type { EventRecord } from '@garam/contracts/event-record';
import type { ReplyRecord } from '@garam/contracts/reply-record';
import { isLate, nextClock } from './ages.ts';
import type { ChatState, MemberTimeline, SentEntry } from './chat-state.ts';
import { findEarlierDecision, type EarlierDecision } from './find-earlier-decision.ts';
import { ruleOn } from './rules/rule-on.ts';
import type { Accepted, Verdict } from './rules/verdict.ts';
import { withRole } from './timeline.ts';

export interface DecideInput {
  /** The chat as of every command of it before this one. */
  state: ChatState;
  command: CommandRecord;
  /** Where the record stands in the log. `offset` must be above `state.lastOffset`. */
  position: { offset: number; timestamp: number };
  /** Rows of `touchedUsers(command, state)`: a user without a row was never a member. */
  members: MemberRows;
  /** Every known entry of (actor, clientId) in this chat; which of them count is decided here. */
  sent: readonly SentEntry[];
}

/** A `Map` will do. */
export interface MemberRows {
  get(user: string): MemberTimeline | undefined;
}

export interface Decision {
  /** The chat as of this command. */
  state: ChatState;
  /** Rows that changed, whole. */
  members: readonly MemberTimeline[];
  /** The entry this command leaves. */
  sent: SentEntry;
  /** In rev order; the last one carries the command's cause. */
  events: readonly EventRecord[];
  /** Exactly when there are no events. */
  reply: ReplyRecord | null;
}

/**
 * Decides one command: a pure function of the log up to it. Nothing here may depend on a wall clock, on chance, on
 * configuration or on what happens to be in memory: a paused owner of the partition and the new one must come to
 * equal events.
 *
 * The order of the checks is part of the guarantee:
 * 1. Decided before? The first decision stands, whatever has become of the sender's membership since.
 * 2. Read by its edge too long ago? Then it is a late copy; the sender is told to try again.
 * 3. Marked by its edge as refused? Only now: had an earlier attempt been accepted, the sender must hear that.
 * 4. The rules of the command.
 *
 * @throws StoreAhead the member rows are of a later time than the state: drop the chat from memory and load it again.
 */
export function decide(input: DecideInput): Decision {
  const { state, command, position } = input;
  if (position.offset <= state.lastOffset) throw new Error(`offset ${position.offset} has been decided already`);
  const clock = nextClock(state, position.timestamp);
  const earlier = findEarlierDecision(input.sent, command, { offset: position.offset, clock });
  if (earlier !== null) return answerAgain(input, clock, earlier);
  if (isLate(command.sentAt, position.timestamp)) return settle(input, clock, { refused: 'unavailable' });
  if (command.refuse !== undefined) return settle(input, clock, { refused: command.refuse });
  return settle(input, clock, ruleOn(input));
}

function answerAgain(input: DecideInput, clock: number, earlier: EarlierDecision): Decision {
  if (earlier === 'conflict') return settle(input, clock, { refused: 'id_conflict' });
  const sent: SentEntry = { ...earlier, offset: input.position.offset, answeredClock: clock };
  const reply: ReplyRecord = {
    chat: input.state.chat,
    cause: input.command.cause,
    outcome: earlier.outcome === 'refused' ? 'refused' : 'duplicate',
    seq: earlier.seq,
    rev: earlier.rev,
    clock: earlier.clock,
  };
  if (earlier.error !== undefined) reply.error = earlier.error;
  return { state: advanced(input, clock), members: [], sent, events: [], reply };
}

function settle(input: DecideInput, clock: number, verdict: Verdict): Decision {
  if ('accepted' in verdict) return accept(input, clock, verdict.accepted);
  const { chat, rev } = input.state;
  const outcome = 'refused' in verdict ? 'refused' : 'unchanged';
  const sent = entry(input, clock, { outcome, seq: 0, rev });
  const reply: ReplyRecord = { chat, cause: input.command.cause, outcome, seq: 0, rev, clock };
  if ('refused' in verdict) {
    sent.error = verdict.refused;
    reply.error = verdict.refused;
  }
  return { state: advanced(input, clock), members: [], sent, events: [], reply };
}

function accept(input: DecideInput, clock: number, accepted: Accepted): Decision {
  const { state, command, position } = input;
  const seq = state.seq + (accepted.message ? 1 : 0);
  const events = accepted.events.map((body, index): EventRecord => ({
    chat: state.chat,
    rev: state.rev + 1 + index,
    seq,
    clock,
    by: command.actor,
    body,
  }));
  const last = events.at(-1)!;
  last.cause = command.cause;
  const members = (accepted.members ?? []).map(({ user, role }) =>
    withRole(input.members.get(user), { user, role, offset: position.offset }),
  );
  return {
    state: { ...advanced(input, clock), ...accepted.state, seq, rev: last.rev },
    members,
    sent: entry(input, clock, { outcome: 'accepted', seq: accepted.message ? seq : 0, rev: last.rev }),
    events,
    reply: null,
  };
}

/** Every command moves the chat's time and position, whatever becomes of it. */
function advanced({ state, position }: DecideInput, clock: number): ChatState {
  return { ...state, clock, lastOffset: position.offset };
}

function entry(
  { command, position }: DecideInput,
  clock: number,
  numbers: Pick<SentEntry, 'outcome' | 'seq' | 'rev'>,
): SentEntry {
  const { actor, clientId, digest, attempt, sentAt } = command;
  return { actor, clientId, offset: position.offset, ...numbers, clock, answeredClock: clock, digest, attempt, sentAt };
}
