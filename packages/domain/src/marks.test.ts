import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { marksOfAuthor, NO_MARKS, raiseMarks, unreadCount, type Marks } from './marks.ts';
import { unreadBy } from './unread-by.ts';

const USERS = ['alice', 'bob', 'carol'];
const user = fc.constantFrom(...USERS);
const marks = fc.record({ delivered: fc.nat(50), read: fc.nat(50) });

/** A chat in which people send, read and come in, as its store sees it. */
type Step = { send: string } | { reads: string; upTo: number } | { joins: string };
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { arbitrary: fc.record({ send: user }), weight: 3 },
    { arbitrary: fc.record({ reads: user, upTo: fc.nat(30) }), weight: 2 },
    fc.record({ joins: user }),
  ),
  { maxLength: 60 },
);

interface Chat {
  messages: { seq: number; by: string }[];
  members: Map<string, { from: number; marks: Marks }>;
}

function play(plan: readonly Step[], watch: (before: Marks, after: Marks, head: number) => void = () => {}): Chat {
  const chat: Chat = { messages: [], members: new Map([['alice', { from: 1, marks: NO_MARKS }]]) };
  const raise = (who: string, reported: Marks) => {
    const member = chat.members.get(who)!;
    const raised = raiseMarks(member.marks, reported);
    watch(member.marks, raised, chat.messages.length);
    member.marks = raised;
  };
  for (const step of plan) {
    const head = chat.messages.length;
    if ('joins' in step) {
      if (!chat.members.has(step.joins)) chat.members.set(step.joins, { from: head + 1, marks: NO_MARKS });
    } else if ('send' in step && chat.members.has(step.send)) {
      chat.messages.push({ seq: head + 1, by: step.send });
      raise(step.send, marksOfAuthor(head + 1));
    } else if ('reads' in step && chat.members.has(step.reads)) {
      const seq = Math.min(step.upTo, head);
      raise(step.reads, { delivered: seq, read: seq });
    }
  }
  return chat;
}

describe('I8', () => {
  it('marks never fall, and what is read has been delivered and is not above the head', () => {
    fc.assert(
      fc.property(steps, (plan) => {
        play(plan, (before, after, head) => {
          expect(after.read).toBeGreaterThanOrEqual(before.read);
          expect(after.delivered).toBeGreaterThanOrEqual(before.delivered);
          expect(after.read).toBeLessThanOrEqual(after.delivered);
          expect(after.delivered).toBeLessThanOrEqual(head);
        });
      }),
    );
  });

  it('reading is receiving, also when only the reading is told', () => {
    expect(raiseMarks({ delivered: 3, read: 1 }, { delivered: 0, read: 5 })).toEqual({ delivered: 5, read: 5 });
    expect(raiseMarks({ delivered: 5, read: 5 }, { delivered: 9, read: 0 })).toEqual({ delivered: 9, read: 5 });
  });

  it('every device comes to the same marks: order and repetition do not matter', () => {
    fc.assert(
      fc.property(fc.array(marks), fc.func(fc.integer()), (reports, shuffle) => {
        const inOrder = reports.reduce(raiseMarks, NO_MARKS);
        const other = [...reports, ...reports].toSorted((one, two) => shuffle(one) - shuffle(two));
        expect(other.reduce(raiseMarks, NO_MARKS)).toEqual(inOrder);
      }),
    );
  });
});

describe('I9', () => {
  it("unread is the count of others' visible messages above the read mark", () => {
    fc.assert(
      fc.property(steps, (plan) => {
        const { messages, members } = play(plan);
        for (const [
          who,
          {
            from,
            marks: { read },
          },
        ] of members) {
          const waiting = messages.filter(({ seq, by }) => by !== who && seq > read && seq >= from);
          expect(unreadCount(messages.length, read, from)).toBe(waiting.length);
        }
      }),
    );
  });

  it('is never negative, not even with marks above a head that lags', () => {
    expect(unreadCount(5, 9, 1)).toBe(0);
    expect(unreadCount(5, 0, 9)).toBe(0);
  });
});

describe('unreadBy', () => {
  it('counts per message the members other than its author who may see it and have not read it', () => {
    const member = fc.record({ user, from: fc.integer({ min: 1, max: 30 }), read: fc.nat(30) });
    const members = fc.uniqueArray(member, { selector: (one) => one.user });
    const run = fc
      .tuple(fc.integer({ min: 1, max: 20 }), fc.array(user, { maxLength: 15 }))
      .map(([first, authors]) => authors.map((by, index) => ({ seq: first + index, by })));
    fc.assert(
      fc.property(run, members, (messages, people) => {
        const counted = messages.map(({ seq, by }) => [
          seq,
          people.filter((one) => one.user !== by && one.from <= seq && one.read < seq).length,
        ]);
        expect(unreadBy(messages, people)).toEqual(counted);
      }),
    );
  });
});
