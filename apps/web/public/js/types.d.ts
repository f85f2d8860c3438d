/**
 * Types shared by the page's modules. Wire entities come from the protocol package; only types are imported, so the
 * page needs no build step.
 */
import type { ChatEvent, Mark, Member, Message, Summary, User } from '@garam/protocol/entities';
import type { Limits } from '@garam/protocol/limits';

export type { ChatEvent, Limits, Mark, Member, Message, Summary, User };

/** A cursor as the wire carries it; `at` is missing in some frames. */
export interface Head {
  seq: number;
  rev: number;
  at?: number;
}

/** First visible seq and the two watermarks of a member. */
export interface MemberMark {
  from: number;
  read: number;
  delivered: number;
}

/** What the page holds of one chat. `summary.head` is the cursor: everything up to `head.rev` has been applied. */
export interface Chat {
  summary: Summary;
  /** Messages are held and follow the head. */
  loaded: boolean;
  /** Ascending and dense in seq, up to the head; empty until loaded. */
  messages: Message[];
  /** Membership and title events between the messages, ascending in rev. */
  notices: ChatEvent[];
  hasOlder: boolean;
  /** Grows whenever the messages are dropped: replies asked for before are ignored. */
  epoch: number;
  loading: { newest: boolean; older: boolean; sync: boolean };
  /** Null until fetched, and in big chats. */
  marks: Map<string, MemberMark> | null;
  /** Big chats: how many have not read a message, by seq. */
  unreadBy: Map<number, number>;
  typing: string[];
  /** How many more people type than are named. */
  typingMore: number;
  /** Time (ms) at which the typing line is gone without renewal. */
  typingUntil: number;
  /** Time (ms) of the last opening, 0 = never. */
  openedAt: number;
  /** Own read mark when the chat was opened, 0 = no divider. */
  dividerSeq: number;
}

export interface OutboxEntry {
  clientId: string;
  chat: string;
  text: string;
  /** How often it has been written to a socket. */
  attempt: number;
  /** ms */
  createdAt: number;
  status: 'queued' | 'sending' | 'sent' | 'failed';
  /** Name of the error that refused it. */
  error?: string;
  /** Its place once `sent`. */
  seq?: number;
}

export interface HelloOk {
  user: User;
  log: string;
  limits: Limits;
  heartbeat: { intervalMs: number; timeoutMs: number };
}

export type Phase = 'connecting' | 'online' | 'waiting' | 'stopped';

export interface ConnectionStatus {
  phase: Phase;
  /** Time (ms) of the next try while `waiting`. */
  retryAt: number;
  /** Why it is `stopped`: a close-code name or an error name. */
  reason: string;
}
