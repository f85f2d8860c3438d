import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CommandBody, CommandRecord } from '@garam/contracts/command-record';
import { FIRST_ATTEMPT_AGE_US, isYoung, nextClock } from './ages.ts';
import { emptyChat, type ChatState, type MemberTimeline, type SentEntry } from './chat-state.ts';
import { decide, type Decision, type MemberRows } from './decide.ts';
import { command, create, say, SETTINGS, START_MS } from './folded-chat.test-support.ts';
import { StoreAhead, trimTimeline } from './timeline.ts';
import { touchedUsers } from './touched-users.ts';

/** A record of the commands of one chat, as the log holds it. */
interface LoggedCommand {
  command: CommandRecord;
  offset: number;
  timestamp: number;
}

const user = fc.constantFrom('alice', 'bob', 'carol', 'dave');
const seq = fc.integer({ min: 1, max: 6 });
const capacity = fc.integer({ min: 2, max: 6 });

const body: fc.Arbitrary<CommandBody> = fc.oneof(
  { arbitrary: fc.constantFrom(say('a'), say('b')), weight: 6 },
  {
    arbitrary: fc.record({
      type: fc.constant('member.add' as const),
      users: fc.uniqueArray(user, { minLength: 1 }),
      capacity,
    }),
    weight: 4,
  },
  { arbitrary: fc.record({ type: fc.constant('member.remove' as const), user }), weight: 4 },
  { arbitrary: fc.record({ type: fc.constant('chat.join' as const), capacity }), weight: 2 },
  { arbitrary: fc.constant({ type: 'chat.leave' as const }), weight: 2 },
  fc.record({
    type: fc.constant('member.role' as const),
    user,
    role: fc.constantFrom('owner' as const, 'admin' as const, 'member' as const),
  }),
  fc.record({ type: fc.constant('message.delete' as const), seq, author: user }),
  fc.record({ type: fc.constant('reaction.set' as const), seq, emoji: fc.constant('👍'), on: fc.boolean() }),
  fc.constantFrom<CommandBody[]>(
    { type: 'chat.update', settings: { join: 'open' } },
    { type: 'chat.update', settings: { history: 'all', join: 'invite' } },
    create(['alice', 'bob']),
  ),
);

const step = fc.record({
  actor: fc.oneof({ arbitrary: user, weight: 9 }, fc.constant('service:shop')),
  body,
  clientId: fc.integer({ min: 0, max: 12 }).map((number) => `k${number}`),
  attempt: fc.integer({ min: 1, max: 3 }),
  digest: fc.integer({ min: 0, max: 9 }).map((number) => (number === 0 ? 'other' : 'same')),
  waitMs: fc.oneof(
    { arbitrary: fc.integer({ min: 0, max: 2_000 }), weight: 3 },
    fc.integer({ min: -5_000, max: 90_000 }),
  ),
  lagMs: fc.oneof({ arbitrary: fc.constant(0), weight: 4 }, fc.integer({ min: 0, max: 120_000 })),
  gap: fc.integer({ min: 1, max: 3 }),
});

/** Commands of one chat: mostly sensible, with many repetitions, late copies and gaps in time. */
const randomLogs: fc.Arbitrary<LoggedCommand[]> = fc
  .tuple(fc.boolean(), fc.array(step, { minLength: 1, maxLength: 60 }))
  .map(([created, steps]) => {
    let timestamp = START_MS;
    let offset = 0;
    const log: LoggedCommand[] = [];
    const settings = { ...SETTINGS, join: 'open' as const };
    if (created) log.push({ command: command('alice', create(['alice', 'bob'], { settings })), offset, timestamp });
    for (const { actor, body: wish, waitMs, lagMs, gap, ...rest } of steps) {
      timestamp += waitMs;
      offset += gap;
      log.push({ command: command(actor, wish, { ...rest, sentAt: timestamp - lagMs }), offset, timestamp });
    }
    return log;
  });

/** What an owner of the partition finds in the store. */
interface Rows {
  state: ChatState;
  members: ReadonlyMap<string, MemberTimeline>;
  sent: readonly SentEntry[];
}

const NOTHING: Rows = { state: emptyChat('c'), members: new Map(), sent: [] };

/**
 * An owner starting from rows: reads a member row only when a command touches the user, and earlier entries only when
 * `needsLookup` says so; forgets entries older than W. Its own entries are saved at once.
 */
function foldFrom(rows: Rows, log: readonly LoggedCommand[]): Decision[] {
  const members = new Map<string, MemberTimeline>();
  const saved = [...rows.sent];
  let memory: SentEntry[] = [];
  let { state } = rows;
  return log.map(({ command: next, offset, timestamp }) => {
    const touched = touchedUsers(next, state);
    for (const user of touched) {
      const row = members.get(user) ?? rows.members.get(user);
      if (row !== undefined) members.set(user, row);
    }
    const clock = nextClock(state, timestamp);
    memory = memory.filter((entry) => isYoung(entry, 1, clock));
    const known = needsLookup(next.attempt, clock, rows.state) ? [...memory, ...saved] : memory;
    const sent = known.filter((entry) => entry.actor === next.actor && entry.clientId === next.clientId);
    const decision = decide({
      state,
      command: next,
      position: { offset, timestamp },
      members: only(touched, members),
      sent,
    });
    ({ state } = decision);
    for (const row of decision.members) members.set(row.user, row);
    memory.push(decision.sent);
    saved.push(decision.sent);
    return decision;
  });
}

/**
 * Memory holds every entry made since the state was loaded that is younger than W: enough for a first attempt once the
 * load is W ago, or when there was nothing to load; never for a later attempt.
 */
function needsLookup(attempt: number, clock: number, loaded: ChatState): boolean {
  return (
    attempt >= 2 || (loaded.lastOffset !== NOTHING.state.lastOffset && clock - loaded.clock <= FIRST_ATTEMPT_AGE_US)
  );
}

/** Rows of users that were announced; asking for another is a defect. */
function only(touched: readonly string[], members: MemberRows): MemberRows {
  return {
    get(user) {
      if (!touched.includes(user)) throw new Error(`${user} was not announced`);
      return members.get(user);
    },
  };
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
