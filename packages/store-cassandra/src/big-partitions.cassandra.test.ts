import type { EventRecord } from '@garam/contracts/event-record';
import type { MessageRow } from '@garam/store/view-writes';
import type { Store } from '@garam/store/store';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestStore } from './testing/open-test-store.ts';

const T = 1_795_000_000_000_000;
const EACH_MS = 120_000;

let store: Store;
beforeAll(async () => {
  store = await openTestStore({ readDeadlineMs: 30_000, writeDeadlineMs: 60_000 });
});
afterAll(async () => store.close());

function messageOf(chat: string, seq: number, text: string): MessageRow {
  return { chat, seq, rev: seq + 1, clock: T + seq, by: 'alice', clientId: `k${seq}`, kind: 'text', text };
}

const count = (length: number, from = 1) => Array.from({ length }, (_, index) => from + index);

test(
  '10,000 messages of a chat are read in pages and as a whole, without gap or double',
  async () => {
    const chat = `chat-${randomUUID()}`;
    await store.writes.putMessages(count(10_000).map((seq) => messageOf(chat, seq, `m${seq}`)));
    const paged: number[] = [];
    for (let from = 1; from <= 10_000; from += 77)
      paged.push(...(await store.reads.messages(chat, from, Math.min(10_000, from + 76))).map(({ seq }) => seq));
    expect(paged).toEqual(count(10_000));
    expect((await store.reads.messages(chat, 1, 10_000)).map(({ seq }) => seq)).toEqual(paged);
    const chosen = count(2_500).map((index) => index * 4);
    const found = (await store.reads.messagesAt(chat, chosen)).map(({ seq }) => seq);
    expect(found.toSorted((one, other) => one - other)).toEqual(chosen);
  },
  EACH_MS,
);

test(
  'a page of 500 messages and 500 changes as big as the wire allows is written and read whole',
  async () => {
    const chat = `chat-${randomUUID()}`;
    const text = '긴'.repeat(5_461);
    const seqs = count(500, 4_800);
    await store.writes.putMessages(seqs.map((seq) => messageOf(chat, seq, text)));
    const events = seqs.map((rev): EventRecord => {
      const body = { type: 'message.edited', seq: 1, text } as const;
      return { chat, rev, seq: 5_400, clock: T + rev, by: 'alice', body };
    });
    await store.writes.putChanges(events.map((event) => ({ event, notice: true })));
    const messages = await store.reads.messages(chat, 4_800, 5_299);
    expect(messages.map(({ seq }) => seq)).toEqual(seqs);
    expect(messages.every((message) => message.text === text)).toBe(true);
    expect(await store.reads.changes(chat, 0, 6_000, 500)).toEqual(events);
    expect(await store.reads.notices(chat, 0, 6_000, 499)).toEqual(events.slice(1));
  },
  EACH_MS,
);

test(
  'a roster of 5,000 is paged through, and former members between the present ones do not shorten pages',
  async () => {
    const chat = `chat-${randomUUID()}`;
    const users = count(5_000).map((index) => `u${String(index).padStart(5, '0')}`);
    const begun = { role: 'member', visibleFrom: 1, visibleFromRev: 1, joinedAt: 1, rev: 1, clock: T } as const;
    await store.writes.putMemberships(users.map((user) => ({ chat, user, ...begun })));
    const isGone = (_: string, index: number) => index > 1_000 && index < 3_000;
    const gone = users.filter(isGone);
    await store.writes.putMemberships(
      gone.map((user) => ({ chat, user, role: null, leftAtSeq: 1, rev: 2, clock: T + 1 })),
    );
    await store.writes.raiseMarks(users.map((user) => ({ chat, user, delivered: 2, read: 1 })));
    const present = users.filter((user, index) => !isGone(user, index));
    const found: string[] = [];
    for (let afterUser = ''; ; afterUser = found.at(-1)!) {
      const page = await store.reads.members(chat, { limit: 500, afterUser });
      found.push(...page.map(({ user }) => user));
      if (page.length < 500) break;
    }
    expect(found).toEqual(present);
    expect(await store.reads.marks(chat)).toHaveLength(5_000);
    expect(await store.reads.marks(chat, gone)).toHaveLength(gone.length);
  },
  EACH_MS,
);
