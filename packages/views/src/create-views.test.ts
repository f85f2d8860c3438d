import { beforeEach, describe, expect, it } from 'vitest';
import type { ChatEvent } from '@garam/protocol/entities';
import type { ViewReads } from '@garam/store/view-reads';
import { createViews } from './create-views.ts';
import { storeChat, type StoredChat } from './stored-chat.test-support.ts';
import { createViewWorld, type ViewWorld } from './view-world.test-support.ts';

let world: ViewWorld;
let chat: StoredChat;

beforeEach(async () => {
  world = createViewWorld();
  chat = await storeChat(world.store.writes, { members: ['alice', 'bob'] });
});

const refusal = (name: string) => ({ wire: expect.objectContaining({ name }) as unknown });
const revsOf = (events: readonly ChatEvent[]) => events.map((event) => event.rev);

async function sendMany(count: number, text: (index: number) => string = (index) => `m${index}`) {
  for (let index = 1; index <= count; index++)
    await chat.send(index % 2 === 0 ? 'bob' : 'alice', { text: text(index) });
}

describe('who may see', () => {
  it('a chat one is not in, was removed from or that does not exist is not_found', async () => {
    await chat.leave('bob');
    await expect(world.views.chat('carol', chat.chat)).rejects.toMatchObject(refusal('not_found'));
    await expect(world.views.history('bob', { chat: chat.chat })).rejects.toMatchObject(refusal('not_found'));
    await expect(world.views.sync('bob', { chat: 'gnone', seq: 0, rev: 0 })).rejects.toMatchObject(
      refusal('not_found'),
    );
  });

  it('nothing from before one could see the chat is shown', async () => {
    await sendMany(3);
    await chat.retitle('alice', 'Old');
    await chat.join('carol');
    await chat.send('alice', { text: 'hello carol' });
    const page = await world.views.history('carol', { chat: chat.chat });
    expect(page.messages.map((message) => message.text)).toEqual(['hello carol']);
    expect(page.notices.map((notice) => notice.type)).toEqual(['member.added']);
    expect(page.hasOlder).toBe(false);
    expect((await world.views.messagesGet('carol', { chat: chat.chat, seqs: [1, 4] })).messages).toHaveLength(1);
    expect(await world.views.sync('carol', { chat: chat.chat, seq: 0, rev: 2 })).toMatchObject({ reset: true });
  });

  it('a chat joined a moment ago is found once the persister has it', async () => {
    await world.bus.recent.append({ ...chat.events[0]!, chat: 'gnew' });
    const asked = world.views.chat('dave', 'gnew');
    await storeChat(world.store.writes, { chat: 'gnew', members: ['dave'] });
    await world.clock.advance(50);
    expect((await asked).chat).toBe('gnew');
  });

  it('who is removed while a page is read does not get it', async () => {
    await sendMany(1);
    const { store, bus, clock } = world;
    const removing: ViewReads = {
      ...store.reads,
      async messages(...page) {
        await chat.leave('bob');
        await chat.edit('alice', 1, 'without bob');
        return store.reads.messages(...page);
      },
    };
    const views = createViews({ reads: removing, users: store.users, recent: bus.recent, clock });
    await expect(views.history('bob', { chat: chat.chat })).rejects.toMatchObject(refusal('not_found'));
    await expect(views.sync('bob', { chat: chat.chat, seq: 0, rev: 0 })).rejects.toMatchObject(refusal('not_found'));
  });

  it('a service sees every chat', async () => {
    await chat.send('alice', { text: 'hi' });
    expect((await world.views.history('service:shop', { chat: chat.chat })).messages).toHaveLength(1);
  });
});

describe('history', () => {
  it('pages are dense in seq in every mode', async () => {
    await sendMany(20);
    const seqs = async (page: { before?: number; after?: number; around?: number }) => {
      const { messages, hasOlder, hasNewer } = await world.views.history('alice', {
        chat: chat.chat,
        limit: 5,
        ...page,
      });
      return [messages.map((message) => message.seq), hasOlder, hasNewer];
    };
    expect(await seqs({})).toEqual([[16, 17, 18, 19, 20], true, false]);
    expect(await seqs({ before: 4 })).toEqual([[1, 2, 3], false, true]);
    expect(await seqs({ before: 1 })).toEqual([[], false, true]);
    expect(await seqs({ after: 18 })).toEqual([[19, 20], true, false]);
    expect(await seqs({ after: 20 })).toEqual([[], true, false]);
    expect(await seqs({ after: 0 })).toEqual([[1, 2, 3, 4, 5], false, true]);
    expect(await seqs({ around: 10 })).toEqual([[8, 9, 10, 11, 12], true, true]);
    expect(await seqs({ around: 20 })).toEqual([[16, 17, 18, 19, 20], true, false]);
  });

  it('every notice is on exactly one of the pages', async () => {
    await sendMany(2);
    await chat.retitle('alice', 'One');
    await sendMany(2);
    await chat.join('carol');
    const pages = [];
    for (let before = 5; before > 1; before -= 2)
      pages.unshift(await world.views.history('alice', { chat: chat.chat, before, limit: 2 }));
    expect(pages.map((page) => page.notices.map((notice) => notice.type))).toEqual([
      ['chat.created', 'chat.updated'],
      ['member.added'],
    ]);
  });

  it('an empty chat shows its notices', async () => {
    const page = await world.views.history('bob', { chat: chat.chat });
    expect(page).toMatchObject({ messages: [], hasOlder: false, hasNewer: false, head: { seq: 0, rev: 1 } });
    expect(page.notices).toHaveLength(1);
  });

  it('a deleted message is a stub, whatever was edited later', async () => {
    await chat.send('alice', { text: 'secret', data: '{"a":1}', mentions: [{ user: 'bob', from: 0, length: 1 }] });
    await chat.react('bob', 1, '👍');
    await chat.remove('alice', 1);
    await chat.edit('alice', 1, 'secret again');
    const [message] = (await world.views.history('bob', { chat: chat.chat })).messages;
    expect(Object.keys(message!).sort()).toEqual(['at', 'by', 'clientId', 'deleted', 'kind', 'rev', 'seq']);
  });

  it('reactions are counted, and one sees which are one’s own', async () => {
    await chat.send('alice', { text: 'x' });
    for (let index = 0; index < 60; index++) await chat.react(`user${index}`, 1, '👍');
    await chat.react('bob', 1, '👍');
    await chat.react('user0', 1, '👍', false);
    const [mine] = (await world.views.history('bob', { chat: chat.chat })).messages;
    const [others] = (await world.views.history('alice', { chat: chat.chat })).messages;
    expect(mine!.reactions!['👍']).toMatchObject({ n: 60, me: true });
    expect(mine!.reactions!['👍']!.users).toHaveLength(50);
    expect(others!.reactions!['👍']!.me).toBe(false);
  });

  it('a page ends before 256 KiB, at the far end', async () => {
    await sendMany(30, () => '가'.repeat(5_000));
    const newest = await world.views.history('alice', { chat: chat.chat, limit: 30 });
    expect(Buffer.byteLength(JSON.stringify(newest))).toBeLessThan(262_144);
    expect(newest.messages.at(-1)!.seq).toBe(30);
    expect(newest.hasOlder).toBe(true);
    const around = await world.views.history('alice', { chat: chat.chat, around: 15, limit: 30 });
    expect(around.messages.some((message) => message.seq === 15)).toBe(true);
    expect(around).toMatchObject({ hasOlder: true, hasNewer: true });
  });

  it('the head is not below what the connection has been told; else unavailable after 2 s', async () => {
    const behind = world.views.history('alice', { chat: chat.chat }, 2).catch((error: unknown) => error);
    await world.clock.advance(2_100);
    expect(await behind).toMatchObject(refusal('unavailable'));
    const waiting = world.views.history('alice', { chat: chat.chat }, 2);
    await chat.send('alice', { text: 'late' });
    await world.clock.advance(50);
    expect((await waiting).messages).toHaveLength(1);
  });
});

describe('sync', () => {
  it('messages and changes come merged, dense in rev, over pages of any size', async () => {
    await sendMany(3);
    await chat.edit('alice', 1, 'edited');
    await chat.react('bob', 2, '👍');
    await chat.join('carol');
    await sendMany(2);
    await chat.remove('alice', 3);
    for (const limit of [1, 2, 3, 500]) {
      const seen: ChatEvent[] = [];
      let cursor = { seq: 0, rev: 0 };
      for (let more = true; more;) {
        const page = await world.views.sync('alice', { chat: chat.chat, ...cursor, limit });
        if ('reset' in page) throw new Error('reset');
        seen.push(...page.events);
        const created = page.events.filter((event) => event.type === 'message.created');
        cursor = { seq: created.at(-1)?.message.seq ?? cursor.seq, rev: page.events.at(-1)!.rev };
        more = page.more;
      }
      expect(revsOf(seen)).toEqual(Array.from({ length: chat.rev }, (_, index) => index + 1));
      expect(seen.map((event) => event.type)).toEqual(chat.events.map((event) => event.body.type));
    }
  });

  it('rev decides: a wrong seq is corrected', async () => {
    await sendMany(10);
    for (const seq of [0, 3, 9, 50]) {
      const page = await world.views.sync('alice', { chat: chat.chat, seq, rev: 6, limit: 3 });
      const revs = 'events' in page ? revsOf(page.events) : [];
      expect(revs.length).toBeGreaterThan(0);
      expect(revs).toEqual([7, 8, 9].slice(0, revs.length));
    }
  });

  it('the texts of a deleted message do not come back', async () => {
    await chat.send('alice', { text: 'secret one' });
    await chat.edit('alice', 1, 'secret two');
    await chat.remove('alice', 1);
    const page = await world.views.sync('bob', { chat: chat.chat, seq: 0, rev: 0 });
    expect(JSON.stringify(page)).not.toContain('secret');
    expect('events' in page && page.events).toHaveLength(4);
  });

  it('a cursor above every head is reset after 10 s, not before', async () => {
    const ask = async () => {
      const asked = world.views.sync('alice', { chat: chat.chat, seq: 5, rev: 9 }).catch((error: unknown) => error);
      await world.clock.advance(2_500);
      return asked;
    };
    for (let round = 0; round < 4; round++) expect(await ask()).toMatchObject(refusal('unavailable'));
    expect(await ask()).toEqual({ reset: true, head: expect.objectContaining({ rev: 1 }) });
  });

  it('a cursor the persister has not reached is never reset', async () => {
    await world.bus.recent.append({ ...chat.events[0]!, rev: 9 });
    for (let round = 0; round < 8; round++) {
      const asked = world.views.sync('alice', { chat: chat.chat, seq: 5, rev: 9 }).catch((error: unknown) => error);
      await world.clock.advance(2_500);
      expect(await asked).toMatchObject(refusal('unavailable'));
    }
  });

  it('a rejoined member’s old cursor is reset', async () => {
    await chat.leave('bob');
    await chat.send('alice', { text: 'without bob' });
    await chat.join('bob');
    expect(await world.views.sync('bob', { chat: chat.chat, seq: 0, rev: 1 })).toMatchObject({ reset: true });
    expect(await world.views.sync('bob', { chat: chat.chat, seq: 1, rev: 3 })).toMatchObject({ more: false });
  });
});

describe('chats.list', () => {
  it('pinned first, then newest; pages cover every chat once', async () => {
    for (let index = 1; index <= 7; index++)
      await storeChat(world.store.writes, {
        chat: `gchat${index}`,
        members: ['carol'],
        clock: 1_000_000_000_000 + index * 10_000_000,
      });
    await world.store.users.putPrefs('carol', 'gchat2', { pinned: true }, 1);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await world.views.chatsList('carol', { limit: 3, cursor });
      seen.push(...page.chats.map((summary) => summary.chat));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(seen).toEqual(['gchat2', 'gchat7', 'gchat6', 'gchat5', 'gchat4', 'gchat3', 'gchat1']);
  });

  it('unread counts what is above the read mark; sending is reading', async () => {
    await sendMany(5);
    expect((await world.views.chatsList('bob', {})).unreadTotal).toBe(1);
    await world.store.writes.raiseMarks([{ chat: chat.chat, user: 'bob', delivered: 5, read: 5 }]);
    const page = await world.views.chatsList('bob', {});
    expect(page).toMatchObject({ unreadTotal: 0, chats: [{ unread: 0, read: 5 }] });
  });

  it('a hidden chat is marked as such until its next message', async () => {
    await sendMany(1);
    await world.store.users.putPrefs('bob', chat.chat, { hiddenThroughSeq: 1 }, 1);
    expect(await world.views.chatsList('bob', {})).toMatchObject({ chats: [{ hidden: true }], unreadTotal: 1 });
    await chat.send('alice', { text: 'again' });
    expect((await world.views.chatsList('bob', {})).chats).toMatchObject([{ hidden: false, unread: 2 }]);
  });

  it('a direct chat shows the other person, the last text is cut', async () => {
    await world.store.users.putProfile({ user: 'bob', name: 'Bob', at: 1 });
    const direct = await storeChat(world.store.writes, { chat: 'dchat', kind: 'direct', members: ['bob', 'carol'] });
    await direct.send('bob', { text: '😀'.repeat(150) });
    const page = await world.views.chatsList('carol', {});
    expect(page.chats[0]).toMatchObject({ peer: { id: 'bob', name: 'Bob' }, last: { text: '😀'.repeat(100) } });
    expect(page.users).toEqual([{ id: 'bob', name: 'Bob' }]);
  });

  it('a chat joined a moment ago is waited for: who compares a cache must not miss it', async () => {
    await world.bus.recent.appendForUser('dave', { chat: 'gnew', rev: 1, kind: 'added' });
    const asked = world.views.chatsList('dave', {});
    await storeChat(world.store.writes, { chat: 'gnew', members: ['dave'] });
    await world.clock.advance(50);
    expect((await asked).chats).toMatchObject([{ chat: 'gnew' }]);
  });

  it('a foreign cursor is invalid', async () => {
    await expect(world.views.chatsList('bob', { cursor: 'xyz' })).rejects.toMatchObject(refusal('invalid'));
  });

  it('works without the bus', async () => {
    world.bus.setReachable(false);
    expect((await world.views.chatsList('bob', {})).chats).toHaveLength(1);
  });
});

describe('members and marks', () => {
  it('members come by id with their marks, former ones not', async () => {
    await sendMany(2);
    await chat.join('carol');
    await chat.leave('bob');
    const first = await world.views.membersList('alice', { chat: chat.chat, limit: 1 });
    const second = await world.views.membersList('alice', { chat: chat.chat, limit: 1, cursor: first.next });
    expect([...first.members, ...second.members]).toEqual([
      { user: 'alice', role: 'owner', from: 1, read: 1, delivered: 1 },
      { user: 'carol', role: 'member', from: 3, read: 0, delivered: 0 },
    ]);
    expect(second.next).toBeUndefined();
  });

  it('in a big chat the unread count of a message leaves out its author and those who joined later', async () => {
    world = createViewWorld({ bigChat: 2 });
    chat = await storeChat(world.store.writes, { members: ['alice', 'bob', 'carol'] });
    await sendMany(2);
    await chat.join('dave');
    await chat.send('carol', { text: 'x' });
    expect(await world.views.view('alice', { chat: chat.chat, from: 1, to: 9 })).toEqual({
      unreadBy: [
        [1, 0],
        [2, 1],
        [3, 3],
      ],
    });
  });

  it('only people one shares a chat with are acquaintances', async () => {
    await storeChat(world.store.writes, { chat: 'gother', members: ['eve'] });
    expect(await world.views.acquaintances('alice', ['bob', 'eve', 'alice', 'nobody'])).toEqual(['bob', 'alice']);
  });
});
