import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CommandRecord } from '@garam/contracts/command-record';
import { FIRST_ATTEMPT_AGE_US } from './ages.ts';
import { decide, type Decision } from './decide.ts';
import { emptyChat, type MemberTimeline, type SentEntry } from './chat-state.ts';
import { command, create, say, START_MS } from './folded-chat.test-support.ts';

/**
 * What a client relies on when its sends are repeated, delayed and reordered on their way into the log, while its
 * membership comes and goes: each attempt is one frame read once, and may stand in the log any number of times.
 */
const W_MS = FIRST_ATTEMPT_AGE_US / 1000;

type Step =
  | { toggle: true; waitMs: number }
  | { toggle: false; key: number; attempt: number; waitMs: number; lagMs: number };

const waitMs = fc.oneof(
  { arbitrary: fc.integer({ min: 0, max: 1_000 }), weight: 2 },
  fc.integer({ min: 0, max: W_MS * 0.8 }),
);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { arbitrary: fc.record({ toggle: fc.constant(true as const), waitMs }), weight: 1 },
    {
      arbitrary: fc.record({
        toggle: fc.constant(false as const),
        key: fc.integer({ min: 1, max: 2 }),
        attempt: fc.integer({ min: 1, max: 3 }),
        waitMs,
        lagMs: fc.integer({ min: 0, max: W_MS / 2 }),
      }),
      weight: 3,
    },
  ),
  { maxLength: 40 },
);

interface Told {
  command: CommandRecord;
  decision: Decision;
}

function run(plan: readonly Step[]): Told[] {
  const members = new Map<string, MemberTimeline>();
  const sent: SentEntry[] = [];
  const told: Told[] = [];
  const frames = new Map<string, CommandRecord>();
  let state = emptyChat('c');
  let timestamp = START_MS;
  const apply = (next: CommandRecord) => {
    const mine = sent.filter((entry) => entry.actor === next.actor && entry.clientId === next.clientId);
    const position = { offset: state.lastOffset + 1, timestamp };
    const decision = decide({ state, command: next, position, members, sent: mine });
    ({ state } = decision);
    for (const row of decision.members) members.set(row.user, row);
    sent.push(decision.sent);
    told.push({ command: next, decision });
  };
  apply(command('alice', create(['alice'])));
  for (const step of plan) {
    timestamp += step.waitMs;
    if (!step.toggle) apply(frame(frames, step, timestamp));
    else if (members.get('bob')?.entries.at(-1)?.role == null)
      apply(command('alice', { type: 'member.add', users: ['bob'], capacity: 10 }, { sentAt: timestamp }));
    else apply(command('alice', { type: 'member.remove', user: 'bob' }, { sentAt: timestamp }));
  }
  return told;
}

/** The one frame of this attempt: read at some time before now, attempts in their order. */
function frame(frames: Map<string, CommandRecord>, step: Step & { toggle: false }, now: number): CommandRecord {
  const id = `${step.key}.${step.attempt}`;
  const known = frames.get(id);
  if (known !== undefined) return known;
  const lower = [...frames.values()].filter(
    ({ clientId, attempt }) => clientId === `k${step.key}` && attempt < step.attempt,
  );
  const higher = [...frames.values()].filter(
    ({ clientId, attempt }) => clientId === `k${step.key}` && attempt > step.attempt,
  );
  const earliest = Math.max(0, ...lower.map(({ sentAt }) => sentAt));
  const latest = Math.min(now, ...higher.map(({ sentAt }) => sentAt));
  const sentAt = Math.max(earliest, latest - step.lagMs);
  const record = command('bob', say('hi'), { clientId: `k${step.key}`, attempt: step.attempt, sentAt });
  frames.set(id, record);
  return record;
}

const KEYS = ['k1', 'k2'];
const of = (told: readonly Told[], key: string) =>
  told.filter(({ command: { actor, clientId } }) => actor === 'bob' && clientId === key);

it('I3: one clientId becomes one message, whatever is repeated in whatever order', () => {
  let accepted = 0;
  fc.assert(
    fc.property(steps, (plan) => {
      const told = run(plan);
      for (const key of KEYS) {
        const events = of(told, key).flatMap(({ decision }) => decision.events);
        expect(events.length).toBeLessThanOrEqual(1);
        accepted += events.length;
        const [event] = events;
        const duplicates = of(told, key).filter(({ decision }) => decision.reply?.outcome === 'duplicate');
        for (const { decision } of duplicates)
          expect(decision.reply).toMatchObject({ seq: event!.seq, rev: event!.rev });
      }
    }),
    { numRuns: 3_000 },
  );
  expect(accepted).toBeGreaterThan(1_000);
});

it('I2: once the last attempt of a clientId is told "failed", the message appears nowhere', () => {
  let failed = 0;
  fc.assert(
    fc.property(steps, (plan) => {
      const told = run(plan);
      for (const key of KEYS) {
        const copies = of(told, key);
        const last = Math.max(...copies.map(({ command: { attempt } }) => attempt));
        const wasToldFailed = copies.some(
          ({ command: { attempt }, decision: { reply } }) =>
            attempt === last && reply?.outcome === 'refused' && reply.error !== 'unavailable',
        );
        if (!wasToldFailed) continue;
        failed += 1;
        expect(copies.flatMap(({ decision }) => decision.events)).toEqual([]);
      }
    }),
    { numRuns: 3_000 },
  );
  expect(failed).toBeGreaterThan(300);
});
