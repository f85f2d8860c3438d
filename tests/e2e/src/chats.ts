import { expect } from 'vitest';
import { userId } from './names.ts';
import type { Target } from './topology.ts';
import { connect, type Fields, type Frame, type WsClient } from './ws-client.ts';
import type { Loose } from './loose.ts';

const BATCH_SENDS = 20;
const BATCH_BYTES = 60_000;

/** Connects one client per name; the users are fresh: `people('alice', 'bob')`. */
export function people<const Names extends readonly string[]>(...names: Names): Promise<ClientPer<Names>> {
  return peopleAt('default', ...names);
}

export async function peopleAt<const Names extends readonly string[]>(
  target: Target,
  ...names: Names
): Promise<ClientPer<Names>> {
  const clients = names.map((name) => connect(userId(name), { target, name: name.toUpperCase() }));
  return (await Promise.all(clients)) as unknown as ClientPer<Names>;
}

/** One client for each name. */
type ClientPer<Names extends readonly string[]> = { -readonly [I in keyof Names]: WsClient };

/** Creates a chat of `owner` with the others and waits until all of them know it; resolves with its id. */
export async function newGroup(owner: WsClient, others: WsClient[], fields: Fields = {}): Promise<string> {
  const members = others.map((other) => other.user);
  const reply = await owner.ok('chat.create', { kind: 'group', title: 'Group', members, ...fields });
  const chat: string = reply['chat'].chat;
  await Promise.all(others.map((other) => added(other, chat)));
  return chat;
}

/** The direct chat of two connected people. */
export async function newDirect(one: WsClient, other: WsClient): Promise<string> {
  const reply = await one.ok('chat.create', { kind: 'direct', members: [other.user] });
  const chat: string = reply['chat'].chat;
  await added(other, chat);
  return chat;
}

/** Waits for the push that tells this person of the chat; resolves with the Summary. */
export async function added(client: WsClient, chat: string): Promise<Loose> {
  const push = await client.push('chat.added', (frame) => frame['chat'].chat === chat);
  return push['chat'];
}

/** Sends a text; resolves with the ok. */
export function say(client: WsClient, chat: string, text: string, fields: Fields = {}): Promise<Frame> {
  return client.ok('message.send', { chat, kind: 'text', text, ...fields });
}

/** Sends `texts` in batches that stay within the commands in flight and the frame size; resolves with the oks. */
export async function sayAll(client: WsClient, chat: string, messages: string[]): Promise<Frame[]> {
  const replies: Frame[] = [];
  for (const part of portions(messages)) {
    const frames = part.map((text) => client.frame('message.send', { chat, kind: 'text', text }));
    replies.push(...(await client.batch(frames)));
  }
  for (const reply of replies) expect(reply).toMatchObject({ t: 'ok' });
  return replies;
}

function portions(messages: string[]): string[][] {
  const parts: string[][] = [];
  let bytes = Infinity;
  for (const text of messages) {
    const size = Buffer.byteLength(text) + 200;
    if (bytes + size > BATCH_BYTES || (parts.at(-1)?.length ?? 0) >= BATCH_SENDS) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(text);
    bytes += size;
  }
  return parts;
}

/** `count` texts: `base 1`, `base 2`, … */
export function texts(base: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${base} ${i + 1}`);
}

/** The Summary of the chat, as this person sees it now. */
export async function summaryOf(client: WsClient, chat: string): Promise<Loose> {
  return (await client.ok('chat.get', { chat }))['chat'];
}

/** The chat's newest page of messages. */
export async function newest(client: WsClient, chat: string, fields: Fields = {}): Promise<Loose[]> {
  return (await client.ok('history', { chat, ...fields }))['messages'];
}

/** All events after the cursor, through as many pages as it takes. */
export async function syncAll(
  client: WsClient,
  chat: string,
  from = { seq: 0, rev: 0 },
  limit = 500,
): Promise<Loose[]> {
  const events: Loose[] = [];
  let cursor = { seq: from.seq, rev: from.rev };
  for (let pages = 0; pages < 1_000; pages++) {
    const page = await client.ok('sync', { chat, ...cursor, limit });
    expect(page['reset'], 'no reset').toBeUndefined();
    events.push(...page['events']);
    cursor = cursorAfter(cursor, page['events']);
    if (page['more'] !== true) return events;
    expect(page['events'].length, 'a page with more behind it is not empty').toBeGreaterThan(0);
  }
  throw new Error('sync does not end');
}

/** The cursor after these events: the last rev and the highest seq at or below it. */
export function cursorAfter(from: { seq: number; rev: number }, events: Loose[]): { seq: number; rev: number } {
  return events.reduce((cursor, event) => ({ rev: event.rev, seq: Math.max(cursor.seq, event.message?.seq ?? 0) }), {
    seq: from.seq,
    rev: from.rev,
  });
}

/** Asserts that the events' revs are `first`, `first + 1`, … without a hole or a double. */
export function expectDense(events: Loose[], first: number): void {
  expect(events.map((event) => event.rev)).toEqual(events.map((_, i) => first + i));
}
