import type { Cause } from './command-record.ts';
import type { ChatKind, Mention, MessageContent, Role, Settings } from './chat-values.ts';

/**
 * A record of `garam.chat.events.v1`, the public contract: per chat `rev` is dense; consumers keep
 * "skip rev ≤ last" and see every event once, in order.
 */
export interface EventRecord {
  chat: string;
  rev: number;
  /** Messages of the chat up to and including this event. */
  seq: number;
  /** The chat's time in µs; `at` of the wire is clock / 1000, rounded down. */
  clock: number;
  by: string;
  /** The command that led to it; on the last event of a command only: it answers whoever waits. */
  cause?: Cause;
  body: EventBody;
}

export type EventBody =
  /** Its seq is the record's seq. */
  | ({ type: 'message.created'; clientId: string } & MessageContent)
  | { type: 'message.edited'; seq: number; text?: string; data?: string; mentions?: Mention[] }
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
  /** `settings`, where present, are all of them after the change. */
  | { type: 'chat.updated'; title?: string; avatar?: string; settings?: Settings }
  /** `from`: the first seq the added may see; `viewRev`: the first rev. `memberCount` is the count afterwards. */
  | { type: 'member.added'; users: string[]; from: number; viewRev: number; memberCount: number }
  | { type: 'member.removed'; user: string; memberCount: number }
  | { type: 'member.role'; user: string; role: Role };

export type EventType = EventBody['type'];
