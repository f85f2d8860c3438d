import type { ChatEvent, Head, Message } from '@garam/protocol/entities';

/** One wish of a user and all that became of it, as the user saw it. */
export interface Wish {
  user: string;
  /** The client or caller that has it. */
  sender: string;
  chat: string;
  clientId: string;
  type: 'message.send' | 'message.edit' | 'message.delete' | 'member.add' | 'member.remove' | 'chat.create';
  /** Fields besides chat, clientId and attempt. */
  fields: Record<string, unknown>;
  /** Order in which the sender wished, per sender. */
  order: number;
  /** When its first attempt left, ms; -1: never. */
  begunAt: number;
  attempt: number;
  state: 'waiting' | 'inFlight' | 'accepted' | 'failed';
  settledAt: number;
  seq: number;
  rev: number;
  error?: string;
}

/** An event pushed to a session. */
export interface Seen {
  user: string;
  session: string;
  event: ChatEvent;
  atMs: number;
  /** When the session could have got it at the earliest, as far as the client knows. */
  readyAtMs: number;
}

/** A page of history or of sync, as answered. */
export interface PageRead {
  user: string;
  session: string;
  chat: string;
  kind: 'history' | 'sync';
  messages: readonly Message[];
  events: readonly ChatEvent[];
  head: Head;
  /** The cursor asked from, for `sync`. */
  after: number;
}

/** What a connected client holds of a chat at the end. */
export interface FinalView {
  user: string;
  client: string;
  chat: string;
  last: number;
  isReady: boolean;
  messages: readonly ShownMessage[];
}

export interface ShownMessage {
  seq: number;
  rev: number;
  by: string;
  clientId: string;
  text: string;
  isDeleted: boolean;
}

/** Everything people saw in a run. */
export interface Evidence {
  wishes: Wish[];
  seen: Seen[];
  pages: PageRead[];
  views: FinalView[];
}

export function createEvidence(): Evidence {
  return { wishes: [], seen: [], pages: [], views: [] };
}
