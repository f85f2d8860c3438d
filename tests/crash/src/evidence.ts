/** What a client knows about one of its sends. Times are of one monotonic clock, in ms. */
export interface SendRecord {
  chat: string;
  by: string;
  clientId: string;
  text: string;
  /** Position among this client's sends to this chat, from 0. */
  order: number;
  outcome: 'pending' | 'acked' | 'refused';
  /** As acknowledged. */
  seq: number | null;
  rev: number | null;
  attempts: number;
  firstWrittenAt: number | null;
  ackedAt: number | null;
  /** What happened to it, for whoever has to find out why a promise was broken. */
  trail: string[];
}

/** A message as a member saw it. */
export interface SeenMessage {
  seq: number;
  rev: number;
  by: string;
  clientId: string;
  text: string;
}

/** An event as `sync` gave it; `message` only with `message.created`. */
export interface SeenEvent {
  rev: number;
  type: string;
  message: SeenMessage | null;
}

export interface Position {
  seq: number;
  rev: number;
}

/** Everything one member saw of one chat. */
export interface MemberEvidence {
  chat: string;
  user: string;
  /** All messages, from `history`, with the head its last page named. */
  history: SeenMessage[];
  head: Position;
  /** All events, from `sync` beginning at rev 0. */
  events: SeenEvent[];
  /** What live events and repairs built while the server was dying, from `liveFrom` on. */
  live: SeenMessage[];
  liveFrom: Position;
  liveTo: Position;
}

/** A broken promise; any makes the run fail. */
export interface Violation {
  rule: string;
  detail: string;
}

export function seenMessage(message: Record<string, unknown>, event?: { rev: number; by: string }): SeenMessage {
  return {
    seq: Number(message['seq']),
    rev: event?.rev ?? Number(message['rev']),
    by: event?.by ?? String(message['by']),
    clientId: String(message['clientId']),
    text: String(message['text']),
  };
}
