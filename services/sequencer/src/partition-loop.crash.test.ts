import { isDeepStrictEqual } from 'node:util';
import type { EventRecord } from '@garam/contracts/event-record';
import type { SequencerStore } from '@garam/store/sequencer-store';
import { afterEach, expect, test } from 'vitest';
import { commitPosition, saveRows, saveStates, takeFlush, type TakeFlush } from './flush-chats.ts';
import type { SequencerParts } from './sequencer-parts.ts';
import { adding, creation, text, type CommandFields } from './testing/commands.ts';
import { createFaults, type Fault, type Faults } from './testing/faults.ts';
import { startOwner } from './testing/owner.ts';
import { createWorld, type World } from './testing/world.ts';

const START = Date.UTC(2026, 0, 1);

/**
 * One history with everything a replay can get wrong: duplicates by both attempts, refusals that later would be
 * accepted, membership that goes to and fro, two chats, a chat that does not exist, bytes that are no command.
 */
const HISTORY: (CommandFields | { bytes: Uint8Array })[] = [
  { clientId: 'create', body: creation('bob') },
  { clientId: 'm1', body: text('one') },
  { clientId: 'm1', body: text('one') },
  { chat: 'c2', actor: 'dave', clientId: 'create2', body: { ...creation(), members: ['dave', 'alice'] } as never },
  { actor: 'carol', clientId: 'early', sentAt: START + 4_000, body: text('I am not in yet') },
  { clientId: 'add', body: adding('carol') },
  { actor: 'carol', clientId: 'early', sentAt: START + 4_000, body: text('I am not in yet') },
  { actor: 'carol', clientId: 'm2', body: text('two') },
  { bytes: new Uint8Array([9, 9, 9]) },
  { chat: 'c2', clientId: 'm3', body: text('elsewhere') },
  { clientId: 'remove', body: { type: 'member.remove', user: 'carol' } },
  { actor: 'carol', clientId: 'm2', attempt: 2, body: text('two') },
  { actor: 'carol', clientId: 'm4', body: text('I am out') },
  { clientId: 'm1', attempt: 2, digest: 'other', body: text('something else') },
  { chat: 'nowhere', clientId: 'm5', body: text('is there anybody') },
  { clientId: 'again', body: adding('carol', 'erin') },
  { clientId: 'again', body: adding('carol', 'erin') },
  { actor: 'erin', clientId: 'm6', body: text('three') },
  { actor: 'bob', clientId: 'leave', body: { type: 'chat.leave' } },
  { actor: 'bob', clientId: 'm7', body: text('gone') },
  { clientId: 'title', body: { type: 'chat.update', title: '여행' } },
  { clientId: 'm8', body: text('four') },
];

const SLICE = 4;
let world: World;

afterEach(() => world.close());

/** What an owner that nothing happens to leaves behind. */
async function undisturbed(): Promise<Outcome & { steps: readonly string[] }> {
  world = await createWorld();
  await world.append(...HISTORY);
  const owner = startOwner(world);
  await owner.run(SLICE);
  owner.end();
  const outcome = await outcomeOf(world);
  await world.close();
  return { ...outcome, steps: owner.faults.steps };
}

/** An owner meets the fault at its step `at`; if it dies another one takes over, which dies at `againAt` if given. */
async function disturbed(
  fault: Fault,
  at: number,
  { againAt, warmUp, parts }: Disturbance = {},
): Promise<Outcome & { faults: Faults }> {
  world = await createWorld();
  await world.append(...HISTORY);
  if (warmUp !== undefined) await haveOwnedBefore(warmUp);
  const first = startOwner(world, { faults: createFaults({ at, fault }), parts });
  await first.run(SLICE);
  first.end();
  if (againAt !== undefined) {
    const second = startOwner(world, { faults: createFaults({ at: againAt, fault }) });
    await second.run(SLICE);
    second.end();
  }
  const last = startOwner(world, { parts });
  await last.run(SLICE);
  await last.run(SLICE);
  last.end();
  expect(last.trouble()).toBeUndefined();
  const outcome = await outcomeOf(world);
  await world.close();
  return { ...outcome, faults: first.faults };
}

interface Disturbance {
  /** The next owner meets the same fault at this step. */
  againAt?: number;
  /** So many commands were decided and saved by an owner before. */
  warmUp?: number;
  /** Exchanged pieces of the owners. */
  parts?: Partial<SequencerParts>;
}

async function haveOwnedBefore(count: number): Promise<void> {
  const before = startOwner(world);
  await before.run(SLICE, count);
  before.end();
}

interface Outcome {
  /** By chat, each rev once: what a consumer with "skip rev ≤ last" sees. */
  events: Record<string, EventRecord[]>;
  /** By number of the waiting command: every answer that was ever given, without repetitions. */
  answers: string[][];
  committed: number;
  saved: unknown[];
  /** Every entry that was left, by offset of its command. */
  sent: Record<number, unknown>;
  roles: unknown[];
  deadLetters: number[];
}

async function outcomeOf({ log, store, committed, ...from }: World): Promise<Outcome> {
  const chats = ['c1', 'c2', 'nowhere'];
  const commands = await from.commands();
  const all = await from.events();
  const answers = new Map<number, Set<string>>();
  const answer = (number: number, said: unknown) => {
    if (!answers.has(number)) answers.set(number, new Set());
    answers.get(number)!.add(JSON.stringify(said));
  };
  const base = Math.min(...all.flatMap(({ cause }) => cause?.command ?? []));
  for (const { cause, chat, seq, rev } of all) if (cause) answer(cause.command - base, { chat, seq, rev });
  for (const { cause, ...reply } of await from.replies()) answer(cause.command - base, reply);
  const states = await Promise.all(chats.map((chat) => store.sequencer.loadChat(chat)));
  const deadLetters = await log.read('garam.chat.commands.v1.sequencer.dlq', 0, 0, 100);
  expect(committed).toBeLessThanOrEqual(commands.length);
  return {
    events: Object.fromEntries(
      chats.map((chat) => [chat, withoutRepetitions(all.filter((event) => event.chat === chat))]),
    ),
    answers: [...answers].toSorted(([one], [other]) => one - other).map(([, said]) => Array.from(said)),
    committed,
    saved: states.map((saved) => saved?.state),
    sent: await sentEntries(store.sequencer),
    roles: await finalRoles(store.sequencer, chats),
    deadLetters: [...new Set(deadLetters.map((record) => Number(record.headers['garam-dlq-offset'])))],
  };
}

async function sentEntries(store: SequencerStore): Promise<Record<number, unknown>> {
  const entries: Record<number, unknown> = {};
  for (const fields of HISTORY) {
    if ('bytes' in fields) continue;
    const { chat = 'c1', actor = 'alice', clientId } = fields;
    for (const entry of await store.loadSent(chat, actor, clientId)) entries[entry.offset] = entry;
  }
  return entries;
}

async function finalRoles(store: SequencerStore, chats: readonly string[]): Promise<unknown[]> {
  const users = ['alice', 'bob', 'carol', 'dave', 'erin'];
  const rows = await Promise.all(chats.map((chat) => store.loadMembers(chat, users)));
  return rows.map((timelines) =>
    timelines.map(({ user, entries }) => [user, entries.at(-1)]).toSorted(([one], [other]) => (one! < other! ? -1 : 1)),
  );
}

/** Also proves that a repeated rev always has the same content, and that the first ones come densely. */
function withoutRepetitions(events: readonly EventRecord[]): EventRecord[] {
  const seen: EventRecord[] = [];
  for (const { cause: _cause, ...event } of events) {
    const known = seen[event.rev - 1];
    if (known !== undefined) expect(event).toEqual(known);
    else {
      expect(event.rev).toBe(seen.length + 1);
      seen.push(event);
    }
  }
  return seen;
}

test('the history exercises every kind of step', async () => {
  const { events, answers, steps, committed, deadLetters } = await undisturbed();
  expect(new Set(steps)).toEqual(
    new Set([
      'load chat',
      'append garam.chat.events.v1',
      'append garam.chat.replies.v1',
      'append garam.chat.commands.v1.sequencer.dlq',
      'save sent',
      'save members',
      'save chats',
      'commit',
    ]),
  );
  expect(committed).toBe(HISTORY.length);
  expect(deadLetters).toEqual([8]);
  expect(answers).toHaveLength(HISTORY.length - 1);
  expect(events['c1']!.map(({ body, seq }) => `${body.type} ${seq}`)).toEqual([
    'chat.created 0',
    'message.created 1',
    'member.added 1',
    'message.created 2',
    'member.removed 2',
    'member.added 2',
    'message.created 3',
    'member.removed 3',
    'chat.updated 3',
    'message.created 4',
  ]);
});

const FAULTS: Fault[] = ['crash before', 'crash after', 'hang', 'fail before', 'fail after'];

test.each(FAULTS)('I1–I5: %s at any one step changes no event, no answer and nothing that is saved', async (fault) => {
  const { steps, ...reference } = await undisturbed();
  expect(steps.length).toBeGreaterThan(20);
  for (let at = 0; at < steps.length; at++) {
    const { faults: _faults, ...outcome } = await disturbed(fault, at);
    expect(outcome, `${fault} at step ${at} (${steps[at]})`).toEqual(reference);
  }
});

test.each(FAULTS)(
  'I1–I5: %s at any one step of an owner that starts from saved states changes nothing',
  async (fault) => {
    const { steps: _steps, ...reference } = await undisturbed();
    const warmUp = 7;
    const seen = new Set<string>();
    for (let at = 0; ; at++) {
      const { faults, ...outcome } = await disturbed(fault, at, { warmUp });
      if (faults.steps.length <= at) break;
      seen.add(faults.steps[at]!);
      expect(outcome, `${fault} at step ${at} (${faults.steps[at]})`).toEqual(reference);
    }
    expect([...seen]).toEqual(expect.arrayContaining(['load chat', 'load members', 'load sent', 'save chats']));
  },
);

test.each(['crash before', 'crash after'] as const)(
  'I1–I5: %s of two owners in a row changes nothing',
  async (fault) => {
    const { steps, ...reference } = await undisturbed();
    for (let at = 0; at < steps.length; at += 3) {
      const againAt = (at * 7) % steps.length;
      const { faults: _faults, ...outcome } = await disturbed(fault, at, { againAt });
      expect(outcome, `${fault} at steps ${at} and ${againAt}`).toEqual(reference);
    }
  },
);

/** The flush that takes what is decided for what is acknowledged. */
const takeDecided: TakeFlush = (dirty, positions) => {
  const flush = takeFlush(dirty, positions);
  return { ...flush, chats: flush.chats.map((save) => Object.assign(save, { state: save.memory.state })) };
};

const SABOTAGES: Record<string, Partial<SequencerParts>> = {
  'the position is committed first': { flushSteps: [commitPosition, saveRows, saveStates] },
  'states are saved before the rows they name': { flushSteps: [saveStates, saveRows, commitPosition] },
  'states are saved before their events are acknowledged': { takeFlush: takeDecided },
  'the position is committed past what is not acknowledged': {
    takeFlush: (dirty, { seen }) => takeFlush(dirty, { acknowledged: seen, seen }),
  },
};

test.each(Object.keys(SABOTAGES))('these tests notice when %s', async (name) => {
  const { steps, ...reference } = await undisturbed();
  let caught = 0;
  for (const fault of ['crash before', 'hang'] as const) {
    for (let at = 0; at < steps.length; at++) {
      const run = disturbed(fault, at, { parts: SABOTAGES[name]! });
      const same = await run.then(
        ({ faults: _faults, ...outcome }) => isDeepStrictEqual(outcome, reference),
        () => false,
      );
      if (!same) caught++;
    }
  }
  expect(caught).toBeGreaterThan(0);
});
