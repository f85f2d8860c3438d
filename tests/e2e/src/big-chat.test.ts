import { beforeAll, describe, expect, it } from 'vitest';
import { newGroup, peopleAt, say } from './chats.ts';
import { userId, userIds } from './names.ts';
import { STRICT_BIG_CHAT } from './profiles.ts';
import { eventually, quiet } from './waiting.ts';
import type { WsClient } from './ws-client.ts';
import type { Loose } from './loose.ts';

const SIZE = STRICT_BIG_CHAT + 2;

describe('a chat with more members than bigChat', () => {
  let author: WsClient;
  let reader: WsClient;
  let viewer: WsClient;
  let passer: WsClient;
  let chat: string;

  beforeAll(async () => {
    [author, reader, viewer, passer] = await peopleAt('strict', 'author', 'reader', 'viewer', 'passer');
    const present = [reader, viewer, passer];
    const members = [...present.map((client) => client.user), ...userIds('m', SIZE - 4)];
    chat = await newGroup(author, present, { members, settings: { history: 'joined', invite: 'all' } });
    await say(author, chat, 'one');
    await say(author, chat, 'two');
  });

  const countOf = (frame: Loose, seq: number): number | undefined =>
    frame.unreadBy?.find((pair: number[]) => pair[0] === seq)?.[1];

  it('announces its size limit in hello', () => {
    expect(author.hello['limits'].bigChat).toBe(STRICT_BIG_CHAT);
  });

  it('answers chat.view with how many have not read each message on screen', async () => {
    const reply = await viewer.ok('chat.view', { chat, from: 1, to: 2 });
    expect(reply['marks']).toBeUndefined();
    expect(reply['unreadBy'].toSorted()).toEqual([
      [1, SIZE - 1],
      [2, SIZE - 1],
    ]);
  });

  it('tells viewers, and nobody else, when the counts change', async () => {
    await viewer.ok('chat.view', { chat, from: 1, to: 2 });
    await reader.ok('read', { chat, seq: 1 });
    const push = await viewer.push('receipts', (frame) => frame['chat'] === chat && countOf(frame, 1) === SIZE - 2);
    expect(push['marks']).toBeUndefined();
    await quiet(passer, author);
    expect(passer.pushes('receipts')).toEqual([]);
    expect(author.pushes('receipts')).toEqual([]);
    await eventually(async () => {
      const { unreadBy } = await viewer.ok('chat.view', { chat, from: 1, to: 2 });
      expect(unreadBy.toSorted()).toEqual([
        [1, SIZE - 2],
        [2, SIZE - 1],
      ]);
    });
  });

  it('counts who sends as having read, and nobody who came later', async () => {
    await author.ok('member.add', { chat, users: [userId('late')] });
    const { seq } = await say(passer, chat, 'three');
    await eventually(async () => {
      const { unreadBy } = await viewer.ok('chat.view', { chat, from: 1, to: seq });
      expect(unreadBy.toSorted()).toEqual([
        [1, SIZE - 3],
        [2, SIZE - 2],
        [3, SIZE],
      ]);
    });
  });

  it('shows typing to viewers only', async () => {
    await viewer.ok('chat.view', { chat, from: 1, to: 2 });
    await author.ok('typing', { chat, on: true });
    await viewer.push('typing', (frame) => frame['chat'] === chat && frame['users'].includes(author.user));
    await quiet(passer);
    expect(passer.pushes('typing')).toEqual([]);
    await author.ok('typing', { chat, on: false });
  });

  it('ends with the view', async () => {
    await viewer.ok('chat.view', { chat, from: 1, to: 2 });
    await viewer.ok('chat.view', { chat: null });
    const before = viewer.pushes('receipts').length;
    const fence = passer;
    await fence.ok('chat.view', { chat, from: 1, to: 2 });
    await reader.ok('read', { chat, seq: 2 });
    await fence.push('receipts', (frame) => frame['chat'] === chat && countOf(frame, 2) !== undefined);
    await quiet(viewer);
    expect(viewer.pushes('receipts')).toHaveLength(before);
  });
});
