import type { ChatEvent, Head, Message } from '@garam/protocol/entities';
import type { ShownMessage } from './evidence.ts';

/**
 * A chat as a client holds it, by the protocol: a cursor, messages, and what the server still owes. It checks what the
 * protocol promises: pushed events are dense, unless `behind`, `reset` or `chat.added` names another start; after a
 * reply with head H everything above H is pushed.
 */
export class ClientChat {
  readonly chat: string;
  /** Rev of the cursor, and the highest seq at or below it. */
  last = 0;
  seq = 0;
  isReady = false;
  messages = new Map<number, ShownMessage>();
  /** Rev the server must push next in this session; undefined: nothing is known yet. */
  next: number | undefined = undefined;
  /** Whether a read is under way. */
  isReading = false;
  /** Events at or below this were announced not to be pushed: read them. */
  through = 0;
  #queue: ChatEvent[] = [];
  readonly #violated: (text: string) => void;

  constructor(chat: string, violated: (text: string) => void) {
    this.chat = chat;
    this.#violated = violated;
  }

  /** A new session. */
  connected(): void {
    this.#queue = [];
    this.isReading = false;
    this.next = this.isReady ? this.last + 1 : undefined;
  }

  pushed(event: ChatEvent): void {
    if (this.next !== undefined && event.rev !== this.next) {
      this.#violated(`${this.chat}: rev ${event.rev} was pushed where ${this.next} had to come`);
    }
    this.next = event.rev + 1;
    if (this.isReading || this.isBehind) this.#queue.push(event);
    else this.#take(event);
  }

  /** Live goes on above the head; what is below must be read. */
  startsAt(head: Head): void {
    this.next = head.rev + 1;
    this.through = Math.max(this.through, head.rev);
  }

  forget(): void {
    this.isReady = false;
    this.messages = new Map();
    this.last = 0;
    this.seq = 0;
  }

  /** All messages there are for this user, and the head they belong to. */
  loaded(messages: readonly Message[], head: Head): void {
    this.messages = new Map(messages.map((message) => [message.seq, shown(message)]));
    this.last = head.rev;
    this.seq = head.seq;
    this.isReady = true;
    this.#drain();
  }

  synced(events: readonly ChatEvent[]): void {
    for (const event of events) this.#apply(event);
  }

  /** The read is over: what was pushed meanwhile follows. */
  readEnded(): void {
    this.#drain();
  }

  get isBehind(): boolean {
    return !this.isReady || this.last < this.through;
  }

  #drain(): void {
    if (this.isBehind) return;
    const queue = this.#queue;
    this.#queue = [];
    for (const event of queue) this.#take(event);
  }

  #take(event: ChatEvent): void {
    if (event.rev <= this.last) return;
    if (event.rev !== this.last + 1) this.#violated(`${this.chat}: rev ${event.rev} would be shown after ${this.last}`);
    this.#apply(event);
  }

  #apply(event: ChatEvent): void {
    if (event.rev <= this.last) return;
    this.last = event.rev;
    if (event.type === 'message.created') {
      this.seq = Math.max(this.seq, event.message.seq);
      this.messages.set(event.message.seq, shown({ ...event.message, rev: event.rev, at: event.at, by: event.by }));
    }
    if (event.type === 'message.edited' || event.type === 'message.deleted') this.#change(event);
  }

  #change(event: Extract<ChatEvent, { type: 'message.edited' | 'message.deleted' }>): void {
    const message = this.messages.get(event.seq);
    if (message === undefined || message.isDeleted) return;
    const change =
      event.type === 'message.deleted' ? { text: '', isDeleted: true } : { text: event.text ?? message.text };
    this.messages.set(event.seq, { ...message, ...change });
  }
}

function shown(message: Message): ShownMessage {
  const { seq, rev, by, clientId, text = '', deleted } = message;
  return { seq, rev, by, clientId, text: deleted === undefined ? text : '', isDeleted: deleted !== undefined };
}
