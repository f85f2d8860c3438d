import type { ChatKind, Role, Settings } from '@garam/contracts/chat-values';

/** The sequencer's state of one chat: a pure fold of its commands up to and including `lastOffset`. */
export interface ChatState {
  chat: string;
  /** null: no such chat yet; such a state only remembers refusals. */
  kind: ChatKind | null;
  seq: number;
  rev: number;
  /** The chat's time in µs, advanced by every command applied. */
  clock: number;
  /** Offset of the last command applied, -1 before the first. */
  lastOffset: number;
  title?: string;
  avatar?: string;
  settings: Settings;
  memberCount: number;
  /** At most one; absent in direct chats and in chats a service created. */
  owner?: string;
}

/** The state before the first command: no such chat. */
export function emptyChat(chat: string): ChatState {
  return {
    chat,
    kind: null,
    seq: 0,
    rev: 0,
    clock: 0,
    lastOffset: -1,
    settings: { join: 'invite', history: 'joined', send: 'all', invite: 'all' },
    memberCount: 0,
  };
}

/** Role from `offset` on, until the next entry. */
export interface TimelineEntry {
  offset: number;
  role: Role | null;
}

/** A member row: what the user is in the chat as of any offset. */
export interface MemberTimeline {
  user: string;
  /** Ascending by offset. */
  entries: readonly TimelineEntry[];
  /** Older entries were dropped: before the first one the row cannot answer. */
  trimmed: boolean;
}

/**
 * What was decided on (actor, clientId), as of `offset`. Every command leaves one: a decision its own, an answer to a
 * duplicate a renewed copy of the first decision.
 */
export interface SentEntry {
  actor: string;
  clientId: string;
  /** Of the command that left the entry: it counts for later commands only. */
  offset: number;
  /** 0 where the decision gave no message. */
  seq: number;
  rev: number;
  /** The chat's time of the first decision, µs: what a duplicate is told. */
  clock: number;
  /** The chat's time when the entry was left, µs: ages count from here. */
  answeredClock: number;
  outcome: 'accepted' | 'unchanged' | 'refused';
  /** Error name, with `refused`. */
  error?: string;
  digest: string;
  attempt: number;
  sentAt: number;
}
