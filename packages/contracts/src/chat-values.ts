/** Value types shared by the records of the log and by the store. Plain data, no behaviour. */

export type ChatKind = 'direct' | 'group' | 'channel';
export type Role = 'owner' | 'admin' | 'member';
export type MessageKind = 'text' | 'image' | 'file' | 'custom' | 'system';

export interface Settings {
  join: 'invite' | 'open';
  history: 'joined' | 'all';
  send: 'all' | 'admins';
  invite: 'all' | 'admins';
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

/** What a message says. `data` is the application's JSON as text, so that the log keeps it byte for byte. */
export interface MessageContent {
  kind: MessageKind;
  text?: string;
  data?: string;
  replyTo?: number;
  mentions?: Mention[];
  attachments?: Attachment[];
}
