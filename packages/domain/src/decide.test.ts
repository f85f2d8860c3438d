import { describe, expect, it } from 'vitest';
import { FIRST_ATTEMPT_AGE_US, LATE_MS, RETRY_AGE_US } from './ages.ts';
import { decide } from './decide.ts';
import { command, create, foldedChat, group, outcome, say, START_MS } from './folded-chat.test-support.ts';

const W_MINUTES = FIRST_ATTEMPT_AGE_US / 60_000_000;
const RETRY_MINUTES = RETRY_AGE_US / 60_000_000;

describe('numbers', () => {
  it('seq counts messages, rev counts events, both dense', () => {
    const chat = group();
    chat.apply(command('alice', say('1')));
    chat.apply(command('bob', { type: 'reaction.set', seq: 1, emoji: '👍', on: true }));
    chat.apply(command('bob', say('2')));
    expect(chat.events.map(({ rev }) => rev)).toEqual([1, 2, 3, 4, 5]);
    expect(chat.events.map(({ seq }) => seq)).toEqual([0, 0, 1, 1, 2]);
    expect(chat.state()).toMatchObject({ seq: 2, rev: 5 });
  });

  it("the clock is the log's time, but every command moves it, also when the log's time stands still or goes back", () => {
    const chat = group();
    const before = chat.state().clock;
    chat.apply(command('mallory', say('refused')), -10);
    expect(chat.state().clock).toBe(before + 1);
    chat.apply(command('alice', say('later')), 30);
    expect(chat.state().clock).toBe((START_MS + 20 * 60_000) * 1000);
  });

  it('an event answers its command: only the last one of a command carries the cause', () => {
    const chat = group();
    const { events, reply } = chat.apply(command('alice', { type: 'member.role', user: 'bob', role: 'owner' }));
    expect(events.map(({ cause }) => cause?.command)).toEqual([undefined, 1]);
    expect(reply).toBeNull();
  });

  it('an offset already decided is a defect of the caller, not a second decision', () => {
    const chat = group();
    const state = chat.state();
    const position = { offset: state.lastOffset, timestamp: START_MS };
    const input = { state, command: command('alice', say('x')), position, members: chat.members, sent: [] };
    expect(() => decide(input)).toThrow('decided already');
  });
});

describe('duplicates', () => {
  it('the second copy is answered with the numbers of the first, and makes no event', () => {
    const chat = group();
    const message = command('bob', say('hi'));
    const first = chat.apply(message);
    chat.apply(command('alice', say('between')));
    const second = chat.apply(message);
    expect(second.events).toEqual([]);
    const { seq, rev, clock } = first.events[0]!;
    expect(second.reply).toMatchObject({ outcome: 'duplicate', seq, rev, clock });
  });

  it('are answered before membership is looked at: the sender may have been removed meanwhile', () => {
    const chat = group();
    const message = command('bob', say('hi'));
    chat.apply(message);
    chat.apply(command('alice', { type: 'member.remove', user: 'bob' }));
    expect(outcome(chat.apply({ ...message, attempt: 2 }))).toBe('duplicate');
    expect(outcome(chat.apply(command('bob', say('new'))))).toBe('not_found');
  });

  it('the same clientId with other content is a conflict, for every later copy of it too', () => {
    const chat = group();
    const message = command('bob', say('hi'), { clientId: 'k' });
    const other = command('bob', say('ho'), { clientId: 'k' });
    chat.apply(message);
    expect(outcome(chat.apply(other))).toBe('id_conflict');
    expect(outcome(chat.apply(message))).toBe('duplicate');
    expect(outcome(chat.apply(other, W_MINUTES))).toBe('id_conflict');
  });

  it('another actor may use the same clientId', () => {
    const chat = group();
    chat.apply(command('bob', say('hi'), { clientId: 'k' }));
    expect(outcome(chat.apply(command('carol', say('ho'), { clientId: 'k' })))).toBe('ok');
  });

  it('a first attempt is recognised for W, a later one for six days', () => {
    const message = command('bob', say('hi'));
    const chatAfter = (minutes: number, attempt: number) => {
      const chat = group();
      chat.apply(message);
      return outcome(chat.apply({ ...message, attempt }, minutes));
    };
    expect(chatAfter(W_MINUTES, 1)).toBe('duplicate');
    expect(chatAfter(W_MINUTES + 1, 1)).toBe('ok');
    expect(chatAfter(RETRY_MINUTES, 2)).toBe('duplicate');
    expect(chatAfter(RETRY_MINUTES + 1, 2)).toBe('ok');
  });

  it('answering one renews it: a chain of copies is answered alike for ever', () => {
    const chat = group();
    const message = command('bob', say('hi'));
    const first = chat.apply(message).events[0]!;
    for (let copy = 0; copy < 5; copy++) {
      expect(chat.apply(message, W_MINUTES).reply).toMatchObject({
        seq: first.seq,
        rev: first.rev,
        clock: first.clock,
      });
    }
  });

  it('a no-op stands like an acceptance: its late copy does not act after things have changed', () => {
    const chat = group();
    const add = command('alice', { type: 'member.add', users: ['bob'], capacity: 100 });
    expect(outcome(chat.apply(add))).toBe('unchanged');
    chat.apply(command('alice', { type: 'member.remove', user: 'bob' }));
    expect(outcome(chat.apply(add))).toBe('duplicate');
    expect(outcome(chat.apply({ ...add, attempt: 2 }))).toBe('duplicate');
    expect(chat.role('bob')).toBeNull();
  });

  it('only entries of earlier offsets count: one of the future, saved by another owner, is not seen', () => {
    const chat = group();
    const message = command('bob', say('hi'));
    const future = { ...chat.apply(message).sent, offset: 1_000 };
    const state = group().state();
    const position = { offset: state.lastOffset + 1, timestamp: START_MS };
    expect(decide({ state, command: message, position, members: chat.members, sent: [future] }).events).toHaveLength(1);
  });
});

describe('refusals', () => {
  const outsider = command('dave', say('let me in'), { clientId: 'k' });
  const admitDave = command('alice', { type: 'member.add', users: ['dave'], capacity: 100 });

  it('stand for later copies of the same attempt: a refused message never appears', () => {
    const chat = group();
    expect(outcome(chat.apply(outsider))).toBe('not_found');
    chat.apply(admitDave);
    expect(outcome(chat.apply({ ...outsider, sentAt: START_MS - 1 }))).toBe('not_found');
    expect(outcome(chat.apply({ ...outsider, sentAt: START_MS - 1 }, W_MINUTES / 2.5))).toBe('not_found');
  });

  it('answer every lower attempt: a late first one cannot win after the second was refused', () => {
    const chat = group();
    chat.apply({ ...outsider, attempt: 3 });
    chat.apply(admitDave);
    expect(outcome(chat.apply({ ...outsider, attempt: 2, sentAt: START_MS + 1 }))).toBe('not_found');
    expect(outcome(chat.apply(outsider))).toBe('not_found');
  });

  it('do not answer a higher attempt: it is decided afresh, and then settles all', () => {
    const chat = group();
    chat.apply(outsider);
    chat.apply(admitDave);
    expect(outcome(chat.apply({ ...outsider, attempt: 2 }))).toBe('ok');
    expect(outcome(chat.apply(outsider))).toBe('duplicate');
    expect(outcome(chat.apply({ ...outsider, attempt: 9 }))).toBe('duplicate');
  });

  it('of one attempt number answer only what was read not later: HTTP calls all have attempt 2', () => {
    const chat = group();
    chat.apply({ ...outsider, attempt: 2, sentAt: START_MS + 1 });
    chat.apply(admitDave);
    expect(outcome(chat.apply({ ...outsider, attempt: 2, sentAt: START_MS + 1 }))).toBe('not_found');
    expect(outcome(chat.apply({ ...outsider, attempt: 2, sentAt: START_MS + 2 }))).toBe('ok');
  });

  it('an acceptance outlives a refusal of a later copy', () => {
    const chat = group();
    const message = command('bob', say('hi'));
    chat.apply(message);
    chat.apply(command('alice', { type: 'member.remove', user: 'bob' }));
    expect(outcome(chat.apply(message, W_MINUTES + 1))).toBe('not_found');
    expect(outcome(chat.apply({ ...message, attempt: 2 }))).toBe('duplicate');
  });

  it('on a chat that does not exist leave an entry: a copy is not accepted once it does', () => {
    const chat = foldedChat();
    expect(outcome(chat.apply(outsider))).toBe('not_found');
    expect(chat.state()).toMatchObject({ kind: null, rev: 0, lastOffset: 0 });
    chat.apply(command('alice', create(['alice', 'dave'])));
    expect(outcome(chat.apply({ ...outsider, sentAt: START_MS - 1 }))).toBe('not_found');
  });

  it('with other content answer as a conflict', () => {
    const chat = group();
    chat.apply({ ...outsider, attempt: 2 });
    expect(outcome(chat.apply({ ...outsider, digest: 'other' }))).toBe('id_conflict');
  });
});

describe('late copies and marks of the edge', () => {
  it('a record more than W/2 after its frame was read is refused as temporary', () => {
    const chat = group();
    const now = START_MS + 10 * 60_000;
    expect(outcome(chat.apply(command('bob', say('1'), { sentAt: now - LATE_MS }), 10))).toBe('ok');
    expect(outcome(chat.apply(command('bob', say('2'), { sentAt: now - LATE_MS - 1 })))).toBe('unavailable');
  });

  it('… but after the duplicate check: an accepted message is answered however late its copy', () => {
    const chat = group();
    const message = command('bob', say('1'));
    chat.apply(message);
    expect(outcome(chat.apply({ ...message, sentAt: START_MS - 10 * LATE_MS }))).toBe('duplicate');
  });

  it('a retry marked as refused is answered ok when an earlier attempt was accepted, else with the mark', () => {
    const chat = group();
    const message = command('bob', say('1'));
    chat.apply(message);
    expect(outcome(chat.apply({ ...message, attempt: 2, refuse: 'too_large' }))).toBe('duplicate');
    const another = command('bob', say('2'), { attempt: 2, refuse: 'too_large' });
    expect(outcome(chat.apply(another))).toBe('too_large');
    expect(outcome(chat.apply({ ...another, attempt: 1, refuse: undefined }))).toBe('too_large');
  });
});
