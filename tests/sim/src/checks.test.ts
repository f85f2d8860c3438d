import type { CommandBody, CommandRecord } from '@garam/contracts/command-record';
import type { EventRecord } from '@garam/contracts/event-record';
import type { ReplyRecord } from '@garam/contracts/reply-record';
import { toWireEvent } from '@garam/views/to-wire-event';
import { describe, expect, test } from 'vitest';
import { historiesOf } from './chat-history.ts';
import { checkStore, checkViews } from './check-end.ts';
import { checkLatency } from './check-latency.ts';
import { checkLog } from './check-log.ts';
import { checkSights } from './check-sights.ts';
import { checkWishes } from './check-wishes.ts';
import type { FinalView, PageRead, Seen, Wish } from './evidence.ts';
import type { LoggedCommand, StoredChat } from './final-facts.ts';
import { calm } from './profiles.ts';
import { foldCommands } from './reference-fold.ts';

/** A small history in which all is well; each test spoils one thing. */
interface Story {
  commands: LoggedCommand[];
  events: EventRecord[];
  replies: ReplyRecord[];
  wishes: Wish[];
  seen: Seen[];
  pages: PageRead[];
  views: FinalView[];
  store: Map<string, StoredChat>;
  appendedAt: Map<string, number>;
}

const CHAT = 'c1';
const settings = { join: 'invite', history: 'joined', send: 'all', invite: 'all' } as const;
const USERS = ['alice', 'bob', 'carol'];

function story(): Story {
  const wants: [actor: string, clientId: string, body: CommandBody][] = [
    ['alice', 'create', { type: 'chat.create', kind: 'group', members: ['alice', 'bob'], settings, capacity: 10 }],
    ['alice', 'm1', text('one')],
    ['carol', 'm2', text('too early')],
    ['alice', 'add', { type: 'member.add', users: ['carol'], capacity: 10 }],
    ['carol', 'm3', text('two')],
    ['alice', 'm1', text('one')],
    ['alice', 'remove', { type: 'member.remove', user: 'carol' }],
    ['bob', 'm4', text('three')],
    ['alice', 'edit', { type: 'message.edit', seq: 1, author: 'alice', text: 'one, edited' }],
  ];
  const commands = wants.map(([actor, clientId, body], offset): LoggedCommand => {
    const timestamp = Date.UTC(2026, 0, 1) + offset * 1_000;
    const cause = { origin: 'edge', command: offset };
    const command: CommandRecord = {
      chat: CHAT,
      actor,
      clientId,
      attempt: 1,
      sentAt: timestamp,
      digest: clientId,
      cause,
      body,
    };
    return { command, offset, timestamp };
  });
  const rulings = foldCommands(commands);
  const events = rulings.flatMap(({ decision }) => [...decision.events]);
  const replies = rulings.flatMap(({ decision }) => decision.reply ?? []);
  return { commands, events, replies, ...sightsOf(events), wishes: wishes(), appendedAt: new Map() };
}

function text(said: string): CommandBody {
  return { type: 'message.send', kind: 'text', text: said };
}

function wishes(): Wish[] {
  const sent = (user: string, clientId: string, order: number, told: Partial<Wish>): Wish => ({
    user,
    sender: `${user}-phone`,
    chat: CHAT,
    clientId,
    type: 'message.send',
    order,
    attempt: 1,
    rev: 0,
    seq: 0,
    begunAt: order * 100,
    settledAt: order * 100 + 50,
    state: 'accepted',
    fields: {},
    ...told,
  });
  return [
    sent('alice', 'm1', 1, { seq: 1, fields: { text: 'one' } }),
    sent('carol', 'm2', 2, { state: 'failed', error: 'not_found', fields: { text: 'too early' } }),
    sent('carol', 'm3', 3, { seq: 2, fields: { text: 'two' } }),
    sent('bob', 'm4', 4, { seq: 3, fields: { text: 'three' } }),
  ];
}

/** What people saw, and what the store has, when all is well. */
function sightsOf(events: readonly EventRecord[]): Pick<Story, 'seen' | 'pages' | 'views' | 'store'> {
  const history = historiesOf(events).histories.get(CHAT)!;
  const mayBe = (user: string, rev: number) =>
    history.stays.get(user)?.some((stay) => rev >= stay.fromRev && rev <= stay.throughRev) === true;
  const seen = USERS.flatMap((user) =>
    events
      .filter(({ rev }) => mayBe(user, rev))
      .map((event): Seen => ({ user, session: `${user}#1`, event: toWireEvent(event), atMs: 0, readyAtMs: 0 })),
  );
  const messages = history.messages.map(({ seq, rev, by, clientId, texts }) => {
    return { seq, rev, by, clientId, text: texts.at(-1)! };
  });
  const views = ['alice', 'bob'].map((user): FinalView => ({
    user,
    client: `${user}-phone`,
    chat: CHAT,
    last: events.length,
    isReady: true,
    messages: messages.map((message) => ({ ...message, isDeleted: false })),
  }));
  const head = { seq: messages.length, rev: events.length, at: 0 };
  const page: PageRead = {
    user: 'bob',
    session: 'bob#1',
    chat: CHAT,
    kind: 'history',
    events: [],
    head,
    after: 0,
    messages: messages.map((message) => ({ ...message, at: 0, kind: 'text' as const })),
  };
  const stored: StoredChat = {
    headRev: events.length,
    headSeq: messages.length,
    messages,
    changes: events.filter(({ body }) => body.type !== 'message.created').map((event) => ({ event })),
    roles: new Map(Object.entries({ alice: 'owner', bob: 'member', carol: null })),
  };
  return { seen, pages: [page], views, store: new Map([[CHAT, stored]]) };
}

/** The invariants that the checkers find broken. */
function broken(told: Story): string[] {
  const found = new Set<string>();
  const onProblem = (invariant: string) => void found.add(invariant);
  const { histories } = historiesOf(told.events, onProblem);
  const rulings = foldCommands(told.commands);
  checkLog(told, rulings, { histories, onProblem });
  checkWishes(told.wishes, { histories, rulings }, onProblem);
  checkSights(told, histories, onProblem);
  checkStore(told.store, histories, onProblem);
  const clients = told.views.map(({ user, client }) => ({ user, client }));
  checkViews(told.views, histories, { clients, onProblem });
  checkLatency({ profile: calm }, told.seen, { appendedAt: told.appendedAt, onProblem });
  return [...found].toSorted();
}

function spoilt(spoil: (told: Story) => void): string[] {
  const told = story();
  spoil(told);
  return broken(told);
}

/** The story goes on with another event of the log. */
function appended({ events }: Story, body: EventRecord['body'], seq = 3): void {
  events.push({ chat: CHAT, rev: events.length + 1, seq, clock: events.at(-1)!.clock + 1, by: 'carol', body });
}

test('a history in which all is well breaks nothing', () => {
  expect(broken(story())).toEqual([]);
});

test('a repeated stretch of the log is no breach: "skip rev ≤ last" hides it', () => {
  expect(spoilt(({ events }) => void events.push(...events.slice(1, 4)))).toEqual([]);
});

describe('the log', () => {
  test('a hole in the revs breaks I11', () => {
    expect(spoilt(({ events }) => void events.splice(2, 1))).toContain('I11');
  });
  test('two contents of one rev break I4', () => {
    expect(spoilt(({ events }) => void events.push({ ...events[1]!, by: 'mallory' }))).toContain('I4');
  });
  test('an event that no command led to is not the fold', () => {
    expect(spoilt((told) => appended(told, { type: 'chat.updated', title: 'x' }))).toContain('fold');
  });
  test('a reply that was never given is not the fold', () => {
    expect(spoilt(({ replies }) => void replies.pop())).toContain('fold');
  });
  test('a reply nobody had to give is not the fold', () => {
    expect(spoilt(({ replies }) => void replies.push({ ...replies[0]!, error: 'forbidden' }))).toContain('fold');
  });
});

describe('what senders were told', () => {
  test('an acknowledged send that is not in the log breaks I1', () => {
    expect(spoilt((told) => told.wishes.push({ ...told.wishes[0]!, clientId: 'm9' }))).toContain('I1');
  });
  test('an acknowledged send at another seq breaks I1', () => {
    expect(spoilt(({ wishes: [first] }) => void (first!.seq = 2))).toContain('I1');
  });
  test('"failed" about a message that others see breaks I2', () => {
    expect(spoilt(({ wishes: [first] }) => void (first!.state = 'failed'))).toContain('I2');
  });
  test('a refused message that appears breaks I2', () => {
    expect(
      spoilt((told) => appended(told, { type: 'message.created', clientId: 'm2', kind: 'text', text: 'too early' }, 4)),
    ).toContain('I2');
  });
  test('a message that nobody sent breaks I2', () => {
    expect(
      spoilt((told) => appended(told, { type: 'message.created', clientId: 'm9', kind: 'text', text: 'x' }, 4)),
    ).toContain('I2');
  });
  test('a second seq of one clientId breaks I3', () => {
    expect(
      spoilt((told) => appended(told, { type: 'message.created', clientId: 'm3', kind: 'text', text: 'two' }, 4)),
    ).toContain('I3');
  });
  test('a send acknowledged before the one with a lower seq began breaks I5', () => {
    expect(spoilt(({ wishes: told }) => Object.assign(told[3]!, { begunAt: 0, settledAt: 1 }))).toContain('I5');
  });
  test('two sends of one client that changed places break FIFO', () => {
    expect(spoilt(({ wishes: told }) => void told.unshift({ ...told.pop()!, sender: 'alice-phone' }))).toContain(
      'FIFO',
    );
  });
});

describe('what people were shown', () => {
  test('another text than the log has breaks I4', () => {
    const change = { type: 'message.created', message: { seq: 1, clientId: 'm1', kind: 'text', text: 'uno' } } as const;
    expect(spoilt(({ seen }) => void Object.assign(seen[1]!, { event: { ...seen[1]!.event, ...change } }))).toContain(
      'I4',
    );
  });
  test('an event from before one could see the chat breaks I7', () => {
    expect(spoilt(({ seen }) => void seen.push({ ...seen[1]!, user: 'carol' }))).toContain('I7');
  });
  test('an event after the removal breaks I7', () => {
    expect(spoilt(({ seen }) => void seen.push({ ...seen[6]!, user: 'carol' }))).toContain('I7');
  });
  test('a page of history for somebody outside breaks I7', () => {
    expect(spoilt(({ pages }) => void pages.push({ ...pages[0]!, user: 'carol' }))).toContain('I7');
  });
  test('a page of history that lacks a message below its head breaks I6', () => {
    expect(spoilt(({ pages: [page] }) => Object.assign(page!, { messages: page!.messages.slice(1) }))).toContain('I6');
  });
  test('sync with a hole breaks I6', () => {
    const events = [3, 5].map((rev) => toWireEvent(story().events[rev - 1]!));
    expect(
      spoilt(({ pages: [page] }) => Object.assign(page!, { kind: 'sync', messages: [], events, after: 2 })),
    ).toContain('I6');
  });
  test('an event that comes late on a healthy bus is a breach', () => {
    expect(spoilt(({ seen }) => void (seen[2]!.atMs = calm.arrivesWithinMs! + 1))).toEqual(['latency']);
  });
});

describe('the end', () => {
  test('a message that a member does not show breaks I1', () => {
    expect(spoilt(({ views: [view] }) => Object.assign(view!, { messages: view!.messages.slice(1) }))).toContain('I1');
  });
  test('an edit that a member does not show breaks I4', () => {
    const old = (view: FinalView) => view.messages.map((message) => ({ ...message, text: 'one' }));
    expect(spoilt(({ views: [view] }) => Object.assign(view!, { messages: old(view!) }))).toContain('I4');
  });
  test('a chat still shown to somebody who was removed breaks I7', () => {
    expect(spoilt(({ views }) => void views.push({ ...views[0]!, user: 'carol', client: 'carol-phone' }))).toContain(
      'I7',
    );
  });
  test.each([
    ['a message that is not stored breaks I1', { messages: [] }, 'I1'],
    ['a change that is not stored breaks I1', { changes: [] }, 'I1'],
    ['a stored head behind the log breaks I10', { headRev: 2 }, 'I10'],
    ["a role that is not the log's breaks I10", { roles: new Map([['carol', 'member']]) }, 'I10'],
  ])('%s', (_name, change, invariant) => {
    expect(spoilt(({ store }) => Object.assign(store.get(CHAT)!, change))).toContain(invariant);
  });
});
