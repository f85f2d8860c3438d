/** Entities of the wire as plain types. Positions (`seq`, `rev`) are dense counts, `at` is ms since the epoch. */

export type ChatKind = 'direct' | 'group' | 'channel';
export type Role = 'owner' | 'admin' | 'member';
export type MessageKind = 'text' | 'image' | 'file' | 'custom' | 'system';

export interface Settings {
  join: 'invite' | 'open';
  history: 'joined' | 'all';
  send: 'all' | 'admins';
  invite: 'all' | 'admins';
}

export interface Head {
  seq: number;
  rev: number;
  /** Time of the newest message, or of the creation of the chat. */
  at: number;
}

export interface User {
  id: string;
  name: string;
  avatar?: string;
}

export interface Mention {
  user: string;
  from: number;
  length: number;
}

export interface Attachment {
  id: string;
  name: string;
  type: string;
  size: number;
  width?: number;
  height?: number;
  thumb?: string;
}

export interface Reaction {
  n: number;
  me: boolean;
  /** Complete while n ≤ 50. */
  users: string[];
}

export interface MessageContent {
  kind: MessageKind;
  text?: string;
  data?: Record<string, unknown>;
  replyTo?: number;
  mentions?: Mention[];
  attachments?: Attachment[];
}

export interface Message extends MessageContent {
  seq: number;
  /** The rev of its creation. */
  rev: number;
  at: number;
  by: string;
  clientId: string;
  edited?: number;
  deleted?: number;
  reactions?: Record<string, Reaction>;
}

export interface Summary {
  chat: string;
  kind: ChatKind;
  title?: string;
  peer?: User;
  avatar?: string;
  role: Role;
  memberCount: number;
  settings: Settings;
  head: Head;
  last?: Message;
  visibleFrom: number;
  read: number;
  delivered: number;
  unread: number;
  muted: boolean;
  pinned: boolean;
  hidden: boolean;
}

export interface Member {
  user: string;
  role: Role;
  /** First visible seq. */
  from: number;
  read: number;
  delivered: number;
}

export interface Mark {
  user: string;
  delivered: number;
  read: number;
}

export interface PresenceState {
  user: string;
  online: boolean;
  lastSeenAt?: number;
}

/** What a durable event says, by `type`. */
export type EventBody =
  | { type: 'message.created'; message: Omit<Message, 'rev' | 'at' | 'by'> }
  | { type: 'message.edited'; seq: number; text?: string; data?: Record<string, unknown>; mentions?: Mention[] }
  | { type: 'message.deleted'; seq: number }
  | { type: 'reaction.set'; seq: number; emoji: string; on: boolean }
  | {
      type: 'chat.created';
      kind: ChatKind;
      title?: string;
      avatar?: string;
      settings: Settings;
      members: { user: string; role: Role }[];
    }
  | { type: 'chat.updated'; title?: string; avatar?: string; settings?: Partial<Settings> }
  | { type: 'member.added'; users: string[] }
  | { type: 'member.removed'; user: string }
  | { type: 'member.role'; user: string; role: Role };

export type EventType = EventBody['type'];

/** A durable event of a chat as sync, history notices and the `event` push carry it. */
export type ChatEvent = { chat: string; rev: number; at: number; by: string } & EventBody;
