import type { EventBody } from '@garam/contracts/event-record';
import { describe, expect, it } from 'vitest';
import { created, createChatWorld, INSTANCE, message } from '../testing/chat-world.ts';

const added = (user: string, viewRev: number): EventBody => {
  return { type: 'member.added', users: [user], from: 1, viewRev, memberCount: 2 };
};
const removed = (user: string): EventBody => ({ type: 'member.removed', user, memberCount: 1 });

describe('live delivery', () => {
  it('gives every session of the members each event once, in order, whatever the bus repeats', async () => {
    const world = createChatWorld();
    await world.live('c', 'alice', created('alice', 'bob'));
    const [alice, bob] = [await world.connect('alice'), await world.connect('bob')];
    const events = [world.say('c', 'alice', '1'), world.say('c', 'bob', '2'), world.say('c', 'bob', '3')];
    await world.fanOut(events[0]!);
    await world.fanOut(events[0]!, events[1]!);
    await world.fanOut(events[1]!, events[2]!, events[0]!);
    await world.clock.settle();
    expect(alice.revs('c')).toEqual([2, 3, 4]);
    expect(bob.revs('c')).toEqual([2, 3, 4]);
  });

  it('builds a push once for all sessions', async () => {
    const world = createChatWorld();
    await world.live('c', 'alice', created('alice', 'bob'));
    const [alice, bob] = [await world.connect('alice'), await world.connect('bob')];
    await world.live('c', 'alice', message('m', 'hello'));
    expect(alice.pushes.at(-1)).toBe(bob.pushes.at(-1));
  });

  it('pushes from the head at hello on, nothing before', async () => {
    const world = createChatWorld();
    await world.live('c', 'alice', created('alice'));
    await world.live('c', 'alice', message('m1', '1'));
    const alice = await world.connect('alice');
    await world.live('c', 'alice', message('m2', '2'));
    expect(alice.revs('c')).toEqual([3]);
  });

  it('answers the waiting command before the event is pushed, even one whose chat has no gate here', async () => {
    const world = createChatWorld();
    const event = world.happen('c', 'alice', created('alice'), { origin: INSTANCE, command: 7 });
    world.delivery.offer(event);
    world.delivery.offer({ ...event, cause: { origin: 'another', command: 7 } });
    expect(world.settled).toEqual([event]);
  });
});

describe('a hole', () => {
  it('is read again from the recent events of the bus, once for all sessions', async () => {
    const world = createChatWorld();
    await world.live('c', 'alice', created('alice', 'bob'));
    const clients = [await world.connect('alice'), await world.connect('bob')];
    const lost = world.say('c', 'alice', 'lost');
    await world.bus.recent.appendAll([lost]);
    await world.fanOut(world.say('c', 'alice', 'next'));
    await world.clock.settle();
    for (const client of clients) expect(client.revs('c')).toEqual([2, 3]);
  });

  it('is read from the store when the bus has lost it, waiting for the persister', async () => {
    const world = createChatWorld();
    await world.live('c', 'alice', created('alice'));
    const alice = await world.connect('alice');
    world.say('c', 'alice', 'lost');
    const next = world.say('c', 'alice', 'next');
    world.delivery.offer(next);
    await world.clock.advance(3_000);
    expect(alice.revs('c')).toEqual([]);
    world.persist('c');
    await world.clock.advance(2_000);
    expect(alice.revs('c')).toEqual([2, 3]);
  });

  it('too large to push is announced with behind, removals in it obeyed', async () => {
    const world = createChatWorld({ delivery: { catchUpMax: 5 } });
    await world.live('c', 'alice', created('alice', 'bob'));
    const [alice, bob] = [await world.connect('alice'), await world.connect('bob')];
    for (let i = 0; i < 10; i++) world.say('c', 'alice', `lost ${i}`);
    world.happen('c', 'alice', removed('bob'));
    const last = world.say('c', 'alice', 'last');
    world.persist('c');
    world.delivery.offer(last);
    await world.clock.advance(2_000);
    expect(alice.revs('c')).toEqual([]);
    expect(alice.pushes).toMatchObject([{ t: 'behind', chat: 'c', head: { seq: 11, rev: 13 } }]);
    expect(bob.pushes).toEqual([{ t: 'chat.removed', chat: 'c' }]);
    await world.live('c', 'alice', message('m', 'live'));
    expect(alice.revs('c')).toEqual([14]);
    expect(bob.revs('c')).toEqual([]);
  });
});

describe('the barrier of subscribing', () => {
  it('an event between route and head is not lost and not doubled', async () => {
    const world = createChatWorld();
    await world.live('c', 'alice', created('alice'));
    const release = world.holdStore();
    const connecting = world.connect('alice');
    await world.clock.settle();
    const event = world.say('c', 'alice', 'meanwhile');
    await world.fanOut(event);
    release();
    const alice = await connecting;
    await world.clock.settle();
    await world.live('c', 'alice', message('m', 'live'));
    expect(alice.revs('c').at(-1)).toBe(3);
    expect(new Set(alice.revs('c')).size).toBe(alice.revs('c').length);
  });

  it('a head read before the route is written loses it: the step is needed', async () => {
    const world = createChatWorld({
      parts: {
        async routeThenHead({ deps, routes }, chats) {
          const recent = await deps.bus.recent.heads(chats);
          const stored = await deps.reads.heads(chats);
          await deps.clock.sleep(10);
          await routes.add(chats.map((chat) => `chat:${chat}` as const));
          return chats.map((_, index) => ({ stored: stored[index] ?? null, recentRev: recent[index]! }));
        },
      },
    });
    await world.live('c', 'alice', created('alice'));
    const connecting = world.connect('alice', [{ chat: 'c', seq: 0, rev: 1 }]);
    await world.clock.settle();
    await world.live('c', 'alice', message('m', 'lost'));
    await world.clock.advance(20);
    const alice = await connecting;
    expect(alice.revs('c')).toEqual([]);
  });

  it('membership is that of the gate, not of the lagging store: a removed member gets nothing more', async () => {
    const world = createChatWorld();
    await world.live('c', 'alice', created('alice', 'bob'));
    await world.connect('alice');
    await world.fanOut(world.happen('c', 'alice', removed('bob')));
    await world.clock.settle();
    const bob = await world.connect('bob', [{ chat: 'c', seq: 0, rev: 1 }]);
    await world.fanOut(world.say('c', 'alice', 'secret'));
    await world.clock.settle();
    expect(bob.pushes).toEqual([{ t: 'chat.removed', chat: 'c' }]);
  });

  it('membership read late without the fold would show it: the step is needed', async () => {
    const world = createChatWorld({ parts: { foldMembership: (row) => row } });
    await world.live('c', 'alice', created('alice', 'bob'));
    await world.connect('alice');
    await world.fanOut(world.happen('c', 'alice', removed('bob')));
    await world.clock.settle();
    const bob = await world.connect('bob');
    await world.fanOut(world.say('c', 'alice', 'secret'));
    await world.clock.settle();
    expect(bob.revs('c')).toEqual([3]);
  });

  it('a chat the persister does not know yet is there all the same', async () => {
    const world = createChatWorld();
    await world.fanOut(world.happen('c', 'alice', created('alice', 'bob')));
    const bob = await world.connect('bob');
    await world.fanOut(world.say('c', 'alice', 'hello'));
    await world.clock.settle();
    expect(bob.revs('c')).toEqual([2]);
  });
});

describe('joining and leaving while connected', () => {
  it('chat.added comes first, then exactly the events above its head', async () => {
    const world = createChatWorld();
    const bob = await world.connect('bob');
    const creation = world.happen('c', 'alice', created('alice', 'bob'));
    await world.fanOut(creation, world.say('c', 'alice', '1'), world.say('c', 'alice', '2'));
    await world.clock.advance(100);
    expect(bob.pushes).toEqual([]);
    world.persist('c', 2);
    await world.clock.advance(5_000);
    world.persist('c');
    await world.live('c', 'alice', message('m', '3'));
    expect(bob.pushes[0]).toMatchObject({ t: 'chat.added', chat: { chat: 'c', head: { rev: 2 } } });
    expect(bob.revs('c')).toEqual([3, 4]);
  });

  it("a member's last event is the removal, then chat.removed; after being added again it goes on", async () => {
    const world = createChatWorld();
    await world.live('c', 'alice', created('alice', 'bob'));
    const bob = await world.connect('bob');
    await world.live('c', 'alice', removed('bob'));
    await world.live('c', 'alice', message('m', 'unseen'));
    await world.live('c', 'alice', added('bob', 4));
    await world.clock.advance(100);
    await world.live('c', 'alice', message('m2', 'seen'));
    const shown = bob.pushes.map((push) => (push.t === 'event' ? `event ${push.rev}` : push.t));
    expect(shown).toEqual(['event 2', 'chat.removed', 'chat.added', 'event 5']);
  });

  it('the reply of a create comes between its event and chat.added', async () => {
    const world = createChatWorld();
    const alice = await world.connect('alice');
    world.happen('c', 'alice', created('alice'));
    world.persist('c');
    let before = -1;
    await world.delivery.join(alice.attachment, 'c', 1, () => {
      before = alice.pushes.length;
    });
    expect(before).toBe(0);
    expect(alice.pushes).toMatchObject([{ t: 'chat.added' }]);
  });
});

describe('cursors of hello', () => {
  it('missing events are pushed before live ones', async () => {
    const world = createChatWorld();
    await world.live('c', 'alice', created('alice'));
    for (let i = 0; i < 5; i++) world.say('c', 'alice', `${i}`);
    world.persist('c');
    const release = world.holdStore();
    const connecting = world.connect('alice', [{ chat: 'c', seq: 1, rev: 2 }]);
    await world.clock.settle();
    release();
    const alice = await connecting;
    await world.live('c', 'alice', message('m', 'live'));
    expect(alice.revs('c')).toEqual([3, 4, 5, 6, 7]);
  });

  it('an event that arrives while older ones are read comes after them', async () => {
    const world = createChatWorld();
    await world.live('c', 'alice', created('alice'));
    await world.connect('alice');
    for (let i = 0; i < 3; i++) await world.live('c', 'alice', message(`m${i}`, `${i}`));
    world.bus.recent.range = async () => [];
    const back = await world.connect('alice');
    back.pushes.length = 0;
    const release = world.holdStore();
    const connecting = world.connect('alice', [{ chat: 'c', seq: 0, rev: 1 }]);
    await world.clock.settle();
    release();
    const alice = await connecting;
    await world.live('c', 'alice', message('late', 'late'));
    expect(alice.revs('c')).toEqual([2, 3, 4, 5]);
  });

  it('more than the limit, or more bytes than may be pushed, is behind', async () => {
    const world = createChatWorld({ delivery: { catchUpMax: 10, catchUpBytesMax: 600 } });
    await world.live('many', 'alice', created('alice'));
    await world.live('large', 'alice', created('alice'));
    for (let i = 0; i < 20; i++) world.say('many', 'alice', `${i}`);
    for (let i = 0; i < 8; i++) world.say('large', 'alice', 'x'.repeat(200));
    world.persist('many');
    world.persist('large');
    const alice = await world.connect('alice', [
      { chat: 'many', seq: 0, rev: 1 },
      { chat: 'large', seq: 0, rev: 1 },
    ]);
    expect(alice.pushes.filter((push) => push.t === 'behind')).toMatchObject([
      { chat: 'many', head: { seq: 20, rev: 21 } },
      { chat: 'large', head: { seq: 8, rev: 9 } },
    ]);
    expect(alice.revs('many')).toEqual([]);
    expect(alice.revs('large')).toEqual([2, 3]);
    await world.live('large', 'alice', message('m', 'live'));
    expect(alice.revs('large')).toEqual([2, 3, 10]);
  });

  it('wait for a slow socket; where it stays slow the client is told behind', async () => {
    const world = createChatWorld();
    await world.live('c', 'alice', created('alice'));
    await world.live('c', 'alice', message('m', '1'));
    const open = [{ chat: 'c', seq: 0, rev: 1 }];
    const [slow, stuck] = [
      await world.connect('alice', open, { buffered: 100_000 }),
      await world.connect('alice', open, { buffered: 100_000 }),
    ];
    await world.clock.advance(1_000);
    expect(slow.pushes).toEqual([]);
    slow.buffered = 0;
    await world.clock.advance(10_000);
    expect(slow.revs('c')).toEqual([2]);
    expect(stuck.pushes).toMatchObject([{ t: 'behind', head: { rev: 2 } }]);
  });

  it('from before one could see the chat is reset, also after an absence', async () => {
    const world = createChatWorld();
    await world.live('c', 'alice', created('alice'));
    await world.live('c', 'alice', message('m', 'before'));
    await world.live('c', 'alice', added('bob', 3));
    const bob = await world.connect('bob', [{ chat: 'c', seq: 0, rev: 1 }]);
    expect(bob.pushes).toMatchObject([{ t: 'reset', chat: 'c', head: { seq: 1, rev: 3 } }]);
    await world.live('c', 'alice', message('m2', 'live'));
    expect(bob.revs('c')).toEqual([4]);
  });

  it('from before a view that begins above the head is reset to where live goes on', async () => {
    const world = createChatWorld();
    await world.live('c', 'alice', created('alice'));
    const events = [
      world.happen('c', 'alice', message('m', 'before')),
      world.happen('c', 'alice', message('m2', 'before')),
      world.happen('c', 'alice', added('bob', 4)),
    ];
    world.persist('c', 2);
    world.persistMembers('c');
    const bob = await world.connect('bob', [{ chat: 'c', seq: 0, rev: 1 }]);
    expect(bob.pushes).toMatchObject([{ t: 'reset', chat: 'c', head: { rev: 3 } }]);
    world.persist('c');
    await world.fanOut(...events);
    await world.clock.settle();
    expect(bob.revs('c')).toEqual([4]);
  });

  it('above the head waits ten seconds, then is reset', async () => {
    const world = createChatWorld();
    await world.live('c', 'alice', created('alice'));
    const [patient, wrong] = [
      await world.connect('alice', [{ chat: 'c', seq: 1, rev: 2 }]),
      await world.connect('alice', [{ chat: 'c', seq: 50, rev: 60 }]),
    ];
    await world.live('c', 'alice', message('m', 'known already'));
    await world.clock.advance(12_000);
    await world.live('c', 'alice', message('m2', 'new'));
    expect(patient.revs('c')).toEqual([3]);
    expect(patient.pushes.filter((push) => push.t === 'reset')).toEqual([]);
    expect(wrong.pushes).toMatchObject([
      { t: 'reset', head: { seq: 1, rev: 2 } },
      { t: 'event', rev: 3 },
    ]);
  });

  it('of a chat one is not in is answered with chat.removed', async () => {
    const world = createChatWorld();
    await world.live('c', 'alice', created('alice'));
    const bob = await world.connect('bob', [
      { chat: 'c', seq: 0, rev: 1 },
      { chat: 'nowhere', seq: 0, rev: 0 },
    ]);
    expect(bob.pushes).toEqual([
      { t: 'chat.removed', chat: 'c' },
      { t: 'chat.removed', chat: 'nowhere' },
    ]);
  });
});

describe('what the bus loses', () => {
  it('is found after the connection is back: events and chats', async () => {
    const world = createChatWorld();
    await world.live('c', 'alice', created('alice'));
    const alice = await world.connect('alice');
    const restore = world.bus.loseConnection(INSTANCE);
    await world.live('c', 'alice', message('m', 'lost'));
    await world.live('new', 'alice', created('alice'));
    expect(alice.pushes).toEqual([]);
    restore();
    await world.clock.advance(1_000);
    expect(alice.revs('c')).toEqual([2]);
    expect(alice.pushes.some((push) => push.t === 'chat.added')).toBe(true);
  });

  it('is not found without the comparison after a loss: the step is needed', async () => {
    const world = createChatWorld({ parts: { comparesAfterLoss: false } });
    await world.live('c', 'alice', created('alice'));
    const alice = await world.connect('alice');
    const restore = world.bus.loseConnection(INSTANCE);
    await world.live('c', 'alice', message('m', 'lost'));
    restore();
    await world.clock.advance(10_000);
    expect(alice.revs('c')).toEqual([]);
  });

  it('in silence is found by the periodic comparison', async () => {
    const world = createChatWorld({ delivery: { antiEntropyMs: 45_000 } });
    await world.live('c', 'alice', created('alice'));
    const alice = await world.connect('alice');
    world.say('c', 'alice', 'never published');
    world.persist('c');
    await world.clock.advance(61_000);
    expect(alice.revs('c')).toEqual([2]);
  });

  it('routes that expired are written again and count as a loss', async () => {
    const world = createChatWorld({ delivery: { leaseMs: 30_000 } });
    await world.live('c', 'alice', created('alice'));
    const alice = await world.connect('alice');
    await world.bus.routes.remove(['chat:c'], INSTANCE);
    await world.live('c', 'alice', message('m', 'to nobody'));
    expect(alice.revs('c')).toEqual([]);
    await world.clock.advance(11_000);
    expect(alice.revs('c')).toEqual([2]);
    await world.live('c', 'alice', message('m2', 'live'));
    expect(alice.revs('c')).toEqual([2, 3]);
  });
});

describe('a chat without sessions', () => {
  it('gives up its route after a while', async () => {
    const world = createChatWorld({ delivery: { lingerMs: 5_000 } });
    await world.live('c', 'alice', created('alice'));
    const alice = await world.connect('alice');
    world.delivery.detach(alice.attachment);
    await world.clock.advance(2_000);
    expect(await world.bus.routes.get(['chat:c', 'user:alice'])).toEqual([[INSTANCE], []]);
    await world.clock.advance(6_000);
    expect(await world.bus.routes.get(['chat:c'])).toEqual([[]]);
    expect(world.delivery.gates.size).toBe(0);
  });
});
