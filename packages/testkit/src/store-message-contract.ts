import type { MessageRow } from '@garam/store/view-writes';
import { describe, expect, it } from 'vitest';
import type { StoreProbe } from './store-contract.ts';
import { everyOrder, inOrder } from './store-orders.ts';

const T = 1_795_000_000_000_000;
const AT = T / 1000;

function messageOf(chat: string, seq: number, rest: Partial<MessageRow> = {}): MessageRow {
  return {
    chat,
    seq,
    rev: seq + 1,
    clock: T + seq,
    by: 'alice',
    clientId: `k${seq}`,
    kind: 'text',
    text: `메시지 ${seq} 👋🏽`,
    ...rest,
  };
}

export function messageContract(probe: StoreProbe): void {
  describe('messages', () => {
    it('come back whole, absent fields absent', async () => {
      const { reads, writes } = probe.store;
      const chat = probe.fresh('chat');
      const rich = messageOf(chat, 2, {
        kind: 'image',
        by: '앨리스@예시',
        data: '{"b":1, "a":"\\u0000 \'"}',
        replyTo: 1,
        mentions: [{ user: '*', from: 0, length: 2 }],
        attachments: [
          { id: 'f', name: '사진.png', type: 'image/png', size: 2 ** 40, width: 10, height: 20, thumb: 't' },
        ],
      });
      const bare: MessageRow = { chat, seq: 1, rev: 2, clock: T, by: 'b', clientId: 'k', kind: 'custom' };
      await writes.putMessages([rich, bare]);
      expect(await reads.messages(chat, 1, 2)).toStrictEqual([bare, rich]);
    });

    it('are read by range, ascending and dense, also far along in a chat', async () => {
      const { reads, writes } = probe.store;
      const chat = probe.fresh('chat');
      const seqs = Array.from({ length: 12 }, (_, index) => 4_995 + index);
      await writes.putMessages(seqs.toReversed().map((seq) => messageOf(chat, seq)));
      const range = async (from: number, through: number) =>
        (await reads.messages(chat, from, through)).map(({ seq }) => seq);
      expect(await range(4_998, 5_002)).toEqual([4_998, 4_999, 5_000, 5_001, 5_002]);
      expect(await range(1, 4_996)).toEqual([4_995, 4_996]);
      expect(await range(5_007, 9_000)).toEqual([]);
      expect(await range(5_001, 5_000)).toEqual([]);
      const chosen = (await reads.messagesAt(chat, [5_003, 4_997, 77])).map(({ seq }) => seq);
      expect(new Set(chosen)).toEqual(new Set([4_997, 5_003]));
      expect(await reads.messagesAt(chat, [])).toEqual([]);
    });

    it('hold the newest edit per field, whatever the order of the writes', async () => {
      const { reads, writes } = probe.store;
      for (const order of everyOrder([0, 1, 2])) {
        const chat = probe.fresh('chat');
        const mentions = [{ user: 'bob', from: 0, length: 1 }];
        const steps = [
          () => writes.putMessages([messageOf(chat, 1, { data: '{"v":1}', mentions })]),
          () => writes.editMessages([{ chat, seq: 1, clock: T + 2_000, text: 'second', mentions: [] }]),
          () => writes.editMessages([{ chat, seq: 1, clock: T + 5_000, data: '{"v":3}' }]),
        ];
        await inOrder(order.map((index) => steps[index]!));
        expect(await reads.messages(chat, 1, 1)).toEqual([
          { ...messageOf(chat, 1), text: 'second', mentions: [], data: '{"v":3}', editedAt: AT + 5 },
        ]);
      }
    });

    it('once deleted have no content, whatever is written before or after', async () => {
      const { reads, writes } = probe.store;
      for (const order of everyOrder([0, 1, 2, 3])) {
        const chat = probe.fresh('chat');
        const full = messageOf(chat, 1, {
          data: '{}',
          replyTo: 1,
          mentions: [{ user: 'bob', from: 0, length: 1 }],
          attachments: [{ id: 'f', name: 'n', type: 'a/b', size: 1 }],
        });
        const steps = [
          () => writes.putMessages([full]),
          () => writes.editMessages([{ chat, seq: 1, clock: T + 2_000, text: 'before' }]),
          () => writes.deleteMessages([{ chat, seq: 1, clock: T + 3_000 }]),
          () => writes.editMessages([{ chat, seq: 1, clock: T + 9_000, text: 'after', data: '{"x":1}', mentions: [] }]),
        ];
        await inOrder(order.map((index) => steps[index]!));
        const { rev, clock, by, clientId, kind } = full;
        const [stored] = await reads.messages(chat, 1, 1);
        expect(stored).toMatchObject({ chat, seq: 1, rev, clock, by, clientId, kind, deletedAt: AT + 3 });
        expect([stored?.text, stored?.data, stored?.mentions, stored?.attachments, stored?.replyTo]).toEqual(
          Array.from({ length: 5 }),
        );
      }
    });

    it('are not there while only an edit or a deletion of theirs is', async () => {
      const { reads, writes } = probe.store;
      const chat = probe.fresh('chat');
      await writes.editMessages([{ chat, seq: 1, clock: T, text: 'x' }]);
      await writes.deleteMessages([{ chat, seq: 2, clock: T }]);
      expect(await reads.messages(chat, 1, 2)).toEqual([]);
      expect(await reads.messagesAt(chat, [1, 2])).toEqual([]);
    });

    it('as long as the wire allows are stored whole', async () => {
      const { reads, writes } = probe.store;
      const chat = probe.fresh('chat');
      const text = '긴'.repeat(5_461);
      await writes.putMessages([messageOf(chat, 1, { text })]);
      expect((await reads.messages(chat, 1, 1))[0]?.text).toBe(text);
    });
  });

  describe('reactions', () => {
    it('stand as last set, whatever the order of the writes', async () => {
      const { reads, writes } = probe.store;
      for (const order of everyOrder([0, 1, 2])) {
        const chat = probe.fresh('chat');
        const set = (user: string, on: boolean, age: number) => ({
          chat,
          seq: 1,
          emoji: '👩‍👩‍👧',
          user,
          on,
          clock: T + age,
        });
        const steps = [
          () => writes.putReactions([set('bob', true, 1), set('carol', false, 4)]),
          () => writes.putReactions([set('bob', false, 2), set('carol', true, 3)]),
          () => writes.putReactions([set('bob', true, 5), set('dave', true, 6)]),
        ];
        await inOrder(order.map((index) => steps[index]!));
        expect(await reads.reactions(chat, [1])).toEqual([
          { seq: 1, emoji: '👩‍👩‍👧', user: 'bob' },
          { seq: 1, emoji: '👩‍👩‍👧', user: 'dave' },
        ]);
      }
    });

    it('are given for the messages asked for, in the order of setting', async () => {
      const { reads, writes } = probe.store;
      const chat = probe.fresh('chat');
      const settings = [
        { seq: 2, emoji: '👍', user: 'zoe' },
        { seq: 5_001, emoji: '👎', user: 'bob' },
        { seq: 2, emoji: '👎', user: 'amy' },
        { seq: 9, emoji: '👍', user: 'bob' },
      ];
      await writes.putReactions(settings.map((row, index) => ({ chat, ...row, on: true, clock: T + index })));
      expect(await reads.reactions(chat, [5_001, 2])).toEqual(settings.slice(0, 3));
      expect(await reads.reactions(chat, [])).toEqual([]);
    });
  });
}
