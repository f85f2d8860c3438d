import { hash } from 'node:crypto';
import type { SubmitRequest } from './submit-request.ts';

/**
 * Ids of chats are derived, so that a retried `chat.create` is the same chat: a direct chat's from its two people, the
 * others' from (actor, clientId). The first letter tells direct chats from others without a read.
 */
export function directChatId(user: string, other: string): string {
  const pair = compareBytes(user, other) <= 0 ? [user, other] : [other, user];
  return `d${digestOf(['direct', ...pair])}`;
}

export function madeChatId(actor: string, clientId: string): string {
  return `g${digestOf(['chat', actor, clientId])}`;
}

/** Whether the chat is one of exactly two people (or of one: notes). */
export function isDirectChatId(chat: string): boolean {
  return chat.length === 44 && chat.startsWith('d');
}

/** The chat a command is about: the lane it belongs to. */
export function chatOf({ type, fields, actor }: Pick<SubmitRequest, 'type' | 'fields' | 'actor'>): string {
  if (type !== 'chat.create') return (fields as { chat: string }).chat;
  const { kind, clientId, members } = fields as Extract<SubmitRequest, { type: 'chat.create' }>['fields'];
  if (kind !== 'direct') return madeChatId(actor.id, clientId);
  const [user = actor.id, other = user] = directPeople(actor.id, members);
  return directChatId(user, other);
}

/** The distinct people of a direct chat: the actor, unless it is a service, and those named. */
export function directPeople(actor: string, members: readonly string[]): string[] {
  return [...new Set(actor.startsWith('service:') ? members : [actor, ...members])];
}

function digestOf(parts: readonly string[]): string {
  return hash('sha256', JSON.stringify(parts), 'base64url');
}

/** Order of the UTF-8 bytes, the same in every language. */
function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
