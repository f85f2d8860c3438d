import { TOPICS } from '@garam/contracts/topics';
import { decide } from '@garam/domain/decide';
import { emptyChat } from '@garam/domain/chat-state';
import type { EventLog } from '@garam/eventlog/event-log';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { adding, creation, text } from './testing/commands.ts';
import { createFaults } from './testing/faults.ts';
import { holdChats } from './testing/held-store.ts';
import { startOwner, type Owner } from './testing/owner.ts';
import { createWorld, type World } from './testing/world.ts';

let world: World;
const owners: Owner[] = [];

beforeEach(async () => {
  world = await createWorld();
});

afterEach(async () => {
  for (const owner of owners.splice(0)) owner.end();
  await world.close();
});

function own(...given: Parameters<typeof startOwner> extends [World, ...infer Rest] ? Rest : never): Owner {
  const owner = startOwner(world, ...given);
  owners.push(owner);
  return owner;
}

/** The log, and the bytes this owner has appended to it, by `ce_id`. */
function recorded(): { log: EventLog; events: [string, string][] } {
  const events: [string, string][] = [];
  const log: EventLog = {
    ...world.log,
    appendBatch(topic, partition, records) {
      if (topic === TOPICS.events) {
        for (const { headers, value } of records) events.push([headers!['ce_id']!, Buffer.from(value).toString('hex')]);
      }
      return world.log.appendBatch(topic, partition, records);
    },
  };
  return { log, events };
}

test('a flush saves rows before states and commits last, after events and replies are acknowledged', async () => {
  await world.append(
    { clientId: 'create', body: creation() },
    { actor: 'eve', clientId: 'no', body: text('let me in') },
  );
  const owner = own();
  await owner.run();
  expect(owner.faults.steps).toEqual([
    'load chat',
    `append ${TOPICS.events}`,
    `append ${TOPICS.replies}`,
    'save sent',
    'save members',
    'save chats',
    'commit',
  ]);
});

test('while one chat waits for the store the others go on, and its own commands keep their order', async () => {
  const held = holdChats(world.store.sequencer, ['slow']);
  await world.append(
    { chat: 'slow', clientId: 'create', body: creation() },
    { chat: 'slow', clientId: 'm1', body: text('one') },
    { chat: 'fast', clientId: 'create', body: creation() },
    { chat: 'slow', clientId: 'm2', body: text('two') },
    { chat: 'fast', clientId: 'm3', body: text('at once') },
  );
  const owner = own({ store: held.store });
  await owner.run();
  expect((await world.events()).map(({ chat, rev }) => `${chat} ${rev}`)).toEqual(['fast 1', 'fast 2']);

  held.release();
  await owner.run();
  const slow = (await world.events()).filter(({ chat }) => chat === 'slow');
  expect(slow.map(({ rev, body }) => [rev, 'clientId' in body ? body.clientId : body.type])).toEqual([
    [1, 'chat.created'],
    [2, 'm1'],
    [3, 'm2'],
  ]);
});

test('nothing is committed past a parked command', async () => {
  const held = holdChats(world.store.sequencer, ['slow']);
  await world.append(
    { chat: 'fast', clientId: 'create', body: creation() },
    { chat: 'slow', clientId: 'create', body: creation() },
    { chat: 'fast', clientId: 'm1', body: text('one') },
  );
  const owner = own({ store: held.store });
  await owner.run();
  expect((await world.store.sequencer.loadChat('fast'))?.state.lastOffset).toBe(2);
  expect(world.committed).toBe(1);

  held.release();
  await owner.run();
  expect(world.committed).toBe(3);
});

test('I4: a paused owner and the new one append byte-equal events', async () => {
  const history = [
    { clientId: 'create', body: creation('bob') },
    { clientId: 'm1', body: text('one') },
    { actor: 'bob', clientId: 'm2', body: text('two') },
    { clientId: 'add', body: adding('carol') },
    { clientId: 'm1', attempt: 2, body: text('one') },
    { actor: 'carol', clientId: 'm3', body: text('three') },
    { clientId: 'out', body: { type: 'member.remove', user: 'carol' } as const },
    { actor: 'carol', clientId: 'm4', body: text('four') },
    { clientId: 'back', body: adding('carol') },
    { clientId: 'm5', body: text('five') },
  ];
  await world.append(...history);
  const records = await world.commands();
  const one = recorded();
  const zombie = own({ log: one.log });
  await zombie.handle(records.slice(0, 3));
  const other = recorded();
  const owner = own({ log: other.log, start: 0 });
  await owner.run(2);
  const halfway = recorded();
  const late = own({ log: halfway.log, start: 5 });
  await late.run(1);
  // The pause ends: the zombie goes on from where it was, while everything it reads from the store is of the future.
  for (const record of records.slice(3)) await zombie.handle([record]);
  await world.clock.advance(2_000);

  expect(other.events).toHaveLength(8);
  expect(one.events).toEqual(other.events);
  for (const [id, bytes] of halfway.events) expect(other.events).toContainEqual([id, bytes]);
  expect(zombie.trouble()).toBeUndefined();
});

test('forgetting chats changes no decision', async () => {
  const chats = ['c1', 'c2', 'c3', 'c4', 'c5'];
  await world.append(...chats.map((chat) => ({ chat, clientId: 'create', body: creation('bob') })));
  for (let round = 0; round < 3; round++) {
    for (const chat of chats) {
      await world.append(
        { chat, actor: 'bob', clientId: `m${round}`, body: text(`${round}`) },
        { chat, actor: 'bob', clientId: `m${round}`, body: text(`${round}`) },
        { chat, actor: 'bob', clientId: `m${round}`, attempt: 2, body: text(`${round}`) },
      );
    }
  }
  const roomy = recorded();
  const keeper = own({ log: roomy.log });
  await keeper.run(4);
  const keeperLoads = keeper.faults.steps.filter((step) => step === 'load chat').length;
  const replies = await world.replies();
  keeper.end();
  await world.close();

  world = await createWorld();
  await world.append(...chats.map((chat) => ({ chat, clientId: 'create', body: creation('bob') })));
  for (let round = 0; round < 3; round++) {
    for (const chat of chats) {
      for (const attempt of [1, 1, 2]) {
        await world.append({ chat, actor: 'bob', clientId: `m${round}`, attempt, body: text(`${round}`) });
      }
    }
  }
  const tight = recorded();
  const forgetter = own({ log: tight.log, options: { memoryRowsMax: 3 } });
  await forgetter.run(4);

  expect(keeperLoads).toBe(chats.length);
  expect(forgetter.faults.steps.filter((step) => step === 'load chat').length).toBeGreaterThan(2 * chats.length);
  expect(forgetter.faults.steps).toEqual(expect.arrayContaining(['load members', 'load sent']));
  expect(tight.events.map(([id]) => id)).toEqual(roomy.events.map(([id]) => id));
  expect((await world.replies()).map(({ cause: _cause, ...reply }) => reply)).toEqual(
    replies.map(({ cause: _cause, ...reply }) => reply),
  );
});

test('what is not saved is never forgotten, and the store being away stops the intake at its bound', async () => {
  const faults = createFaults({ at: 3, fault: 'hang' });
  const options = { memoryRowsMax: 1, unsavedCommandsMax: 5 };
  const owner = own({ faults, options });
  await world.append({ clientId: 'create', body: creation() });
  for (let n = 0; n < 20; n++) await world.append({ clientId: `m${n}`, body: text('x') });
  await world.append({ clientId: 'm1', body: text('x') });
  expect(faults.steps[3]).toBeUndefined();
  const records = await world.commands();
  await owner.handle(records.slice(0, 1));
  await world.clock.advance(1_000);
  expect(faults.steps[3]).toBe('save members');
  let isTaken = false;
  await owner.handle(records.slice(1, 10));
  void owner.taken().then(() => (isTaken = true));
  await world.clock.advance(5_000);
  expect(isTaken).toBe(false);
  expect(await world.events()).toHaveLength(10);
  expect(world.committed).toBe(0);
});

test('a state saved from another log stops the partition with an alarm, without a decision or a commit', async () => {
  const state = { ...emptyChat('c1'), kind: 'group' as const, lastOffset: 0, clock: 1 };
  await world.store.sequencer.saveChats([{ state, logId: 'another log' }]);
  await world.append({ clientId: 'm1', body: text('one') }, { clientId: 'm2', body: text('two') });
  const owner = own();
  await owner.run();
  expect(owner.trouble()).toMatch(/not of this log/);
  expect(await world.events()).toEqual([]);
  expect(await world.replies()).toEqual([]);
  expect(world.committed).toBe(0);
});

test('a state saved at or beyond the end of the log stops the partition: it would skip commands in silence', async () => {
  const state = { ...emptyChat('c1'), kind: 'group' as const, lastOffset: 2, clock: 1 };
  await world.store.sequencer.saveChats([{ state, logId: world.log.id }]);
  await world.append({ clientId: 'm1', body: text('one') }, { clientId: 'm2', body: text('two') });
  const owner = own();
  await owner.run();
  expect(owner.trouble()).toMatch(/not of this log/);
  expect(world.committed).toBe(0);
});

test('a state ahead of this owner but within the log is skipped to, not an alarm', async () => {
  await world.append({ clientId: 'create', body: creation() }, { clientId: 'm1', body: text('one') });
  await own().run();
  const late = own({ start: 0 });
  await late.run(1);
  expect(late.trouble()).toBeUndefined();
  expect(await world.events()).toHaveLength(2);
});

test('a member row trimmed by an owner that is ahead makes a late one load the chat again and skip', async () => {
  for (const clientId of ['m1', 'm2']) await world.append({ clientId, body: text('too early') });
  await world.append({ clientId: 'create', body: creation() }, { clientId: 'm3', body: text('one') });
  for (let turn = 0; turn < 3; turn++) {
    await world.append({ clientId: `in${turn}`, body: adding('carol') });
    await world.append({ actor: 'carol', clientId: `c${turn}`, body: text('hello') });
    await world.append({ clientId: `out${turn}`, body: { type: 'member.remove', user: 'carol' } });
  }
  const records = await world.commands();
  await own().run(1, 3);
  const late = own();
  await late.handle(records.slice(3, 4));
  await own({ start: 0 }).run(1);
  const [carol] = await world.store.sequencer.loadMembers('c1', ['carol']);
  expect(carol).toMatchObject({ trimmed: true });
  expect(carol!.entries[0]!.offset).toBeGreaterThan(4);

  // It has not had carol's row before: what it reads now no longer reaches back to offset 4.
  const before = await world.events();
  for (const record of records.slice(4)) await late.handle([record]);
  await world.clock.advance(1_000);
  expect(late.trouble()).toBeUndefined();
  expect(late.faults.steps.filter((step) => step === 'load chat')).toHaveLength(2);
  expect(await world.events()).toEqual(before);
});

test('the intake pauses while too many commands are parked, and goes on by itself', async () => {
  const held = holdChats(world.store.sequencer, ['slow']);
  for (let n = 0; n < 6; n++) await world.append({ chat: 'slow', clientId: `m${n}`, body: text('x') });
  const owner = own({ store: held.store, options: { parkedMax: 3 } });
  let isTaken = false;
  await owner.handle((await world.commands()).slice(0, 4));
  void owner.taken().then(() => (isTaken = true));
  await world.clock.advance(5_000);
  expect(isTaken).toBe(false);
  held.release();
  await world.clock.advance(0);
  expect(isTaken).toBe(true);
});

test('an exception in the rules stops the partition and is committed past by nobody', async () => {
  await world.append(
    { clientId: 'create', body: creation() },
    { clientId: 'm1', body: text('one') },
    { clientId: 'boom', body: text('two') },
    { clientId: 'm3', body: text('three') },
  );
  const parts = {
    decide: ((input) => {
      if (input.command.clientId === 'boom') throw new TypeError('a defect');
      return decide(input);
    }) satisfies typeof decide,
  };
  const owner = own({ parts });
  await owner.run(1);
  expect(owner.trouble()).toMatch(/offset 2/);
  expect(await world.events()).toHaveLength(2);
  expect(world.committed).toBeLessThanOrEqual(2);

  owner.end();
  await own().run();
  expect(await world.events()).toHaveLength(4);
  expect(world.committed).toBe(4);
});

test('undecodable bytes become a dead letter, and the chats around them go on', async () => {
  await world.append(
    { clientId: 'create', body: creation() },
    { bytes: new Uint8Array([0, 1, 2]) },
    { clientId: 'm1', body: text('one') },
  );
  await own().run();
  expect(await world.events()).toHaveLength(2);
  const [dead, ...more] = await world.records('garam.chat.commands.v1.sequencer.dlq');
  expect(more).toEqual([]);
  expect([...dead!.value]).toEqual([0, 1, 2]);
  expect(dead!.headers).toMatchObject({ 'garam-dlq-reason': 'undecodable', 'garam-dlq-offset': '1' });
  expect(world.committed).toBe(3);
});

test('a drained owner leaves nothing to be decided again', async () => {
  await world.append({ clientId: 'create', body: creation() }, { clientId: 'm1', body: text('one') });
  const owner = own();
  await owner.handle(await world.commands());
  const drained = owner.drain();
  await world.clock.settle();
  await drained;
  expect(world.committed).toBe(2);
  expect((await world.store.sequencer.loadChat('c1'))?.state.lastOffset).toBe(1);
});
