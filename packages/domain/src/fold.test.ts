import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isYoung, needsSentLookup, nextClock } from './ages.ts';
import { emptyChat, type ChatState, type MemberTimeline, type SentEntry } from './chat-state.ts';
import { decide, type Decision } from './decide.ts';
import { randomLogs, type LoggedCommand } from './random-log.test-support.ts';
import { StoreAhead, trimTimeline } from './timeline.ts';
import { touchedUsers } from './touched-users.ts';

/** What an owner of the partition finds in the store. */
interface Rows {
  state: ChatState;
  members: ReadonlyMap<string, MemberTimeline>;
  sent: readonly SentEntry[];
}

const NOTHING: Rows = { state: emptyChat('c'), members: new Map(), sent: [] };

/**
 * An owner starting from rows: reads a member row only when a command touches the user, and earlier entries only when
 * `needsSentLookup` says so; forgets entries older than W. Its own entries are saved at once.
 */
function foldFrom(rows: Rows, log: readonly LoggedCommand[]): Decision[] {
  const members = new Map<string, MemberTimeline>();
  const saved = [...rows.sent];
  let memory: SentEntry[] = [];
  let { state } = rows;
  return log.map(({ command, offset, timestamp }) => {
    for (const user of touchedUsers(command, state)) {
      const row = members.get(user) ?? rows.members.get(user);
      if (row !== undefined) members.set(user, row);
    }
    const clock = nextClock(state, timestamp);
    memory = memory.filter((entry) => isYoung(entry, 1, clock));
    const known = needsSentLookup(command, clock, rows.state) ? [...memory, ...saved] : memory;
    const sent = known.filter((entry) => entry.actor === command.actor && entry.clientId === command.clientId);
    const decision = decide({ state, command, position: { offset, timestamp }, members, sent });
    ({ state } = decision);
    for (const row of decision.members) members.set(row.user, row);
    memory.push(decision.sent);
    saved.push(decision.sent);
    return decision;
  });
}

/** Rows as saved after `count` commands. */
function rowsAfter(decisions: readonly Decision[], count: number): Rows {
  const done = decisions.slice(0, count);
  const members = new Map(done.flatMap((decision) => decision.members.map((row) => [row.user, row] as const)));
  return { state: done.at(-1)?.state ?? emptyChat('c'), members, sent: done.map(({ sent }) => sent) };
}

/** What the world sees of a decision. Member rows may differ in entries that are trimmed. */
const seen = ({ state, sent, events, reply }: Decision) => ({ state, sent, events, reply });

const logWithTwoPoints = fc.tuple(randomLogs, fc.nat(), fc.nat()).map(([log, first, second]) => {
  const [from, until] = [first % (log.length + 1), second % (log.length + 1)].toSorted((one, other) => one - other);
  return { log, from: from!, until: until! };
});

describe('the fold', () => {
  it('continued from any saved state, with rows from any later time, gives the same states, events and replies', () => {
    fc.assert(
      fc.property(logWithTwoPoints, ({ log, from, until }) => {
        const whole = foldFrom(NOTHING, log);
        const { state } = rowsAfter(whole, from);
        const { members, sent } = rowsAfter(whole, until);
        const trimmed = new Map([...members].map(([user, row]) => [user, trimTimeline(row, state.lastOffset)]));
        const continued = foldFrom({ state, members: trimmed, sent }, log.slice(from));
        expect(continued.map(seen)).toEqual(whole.slice(from).map(seen));
      }),
      { numRuns: 400 },
    );
  });

  it('of a paused owner, whose rows were trimmed by a later one, is the same or stops knowing that the store is ahead', () => {
    let ahead = 0;
    fc.assert(
      fc.property(logWithTwoPoints, ({ log, from, until }) => {
        const whole = foldFrom(NOTHING, log);
        const { state } = rowsAfter(whole, from);
        const later = rowsAfter(whole, until);
        const trimmed = new Map(
          [...later.members].map(([user, row]) => [user, trimTimeline(row, later.state.lastOffset)]),
        );
        try {
          const continued = foldFrom({ state, members: trimmed, sent: later.sent }, log.slice(from));
          expect(continued.map(seen)).toEqual(whole.slice(from).map(seen));
        } catch (error) {
          if (!(error instanceof StoreAhead)) throw error;
          ahead += 1;
        }
      }),
      { numRuns: 400 },
    );
    expect(ahead).toBeGreaterThan(0);
  });

  it('numbers events densely, moves the clock with every command, and never has two owners', () => {
    fc.assert(
      fc.property(randomLogs, (log) => {
        const decisions = foldFrom(NOTHING, log);
        const events = decisions.flatMap((decision) => decision.events);
        expect(events.map(({ rev }) => rev)).toEqual(events.map((_event, index) => index + 1));
        const messages = events.filter(({ body }) => body.type === 'message.created');
        expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_event, index) => index + 1));
        let clock = 0;
        for (const { state, events: made, reply, sent } of decisions) {
          expect(state.clock).toBeGreaterThan(clock);
          ({ clock } = state);
          expect(made.length === 0).toBe(reply !== null);
          expect(sent.offset).toBe(state.lastOffset);
        }
        const { members, state } = rowsAfter(decisions, decisions.length);
        const roles = [...members.values()].map(({ entries }) => entries.at(-1)!.role);
        expect(roles.filter((role) => role !== null)).toHaveLength(state.memberCount);
        const owners = [...members.values()].filter(({ entries }) => entries.at(-1)!.role === 'owner');
        expect(owners.map(({ user }) => user)).toEqual(state.owner === undefined ? [] : [state.owner]);
      }),
      { numRuns: 300 },
    );
  });
});
