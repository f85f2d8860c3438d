import type { Summary } from '@garam/protocol/entities';
import type { SharedPush } from '../shared-push.ts';
import type { Gate } from './gate.ts';

/** Where pushes of one session go. */
export interface Receiver {
  readonly user: string;
  /** Writes a push; returns the bytes it took. Never throws; nothing happens on a connection that is gone. */
  push(push: SharedPush): number;
  /** Bytes its socket has not taken yet. */
  bufferedBytes(): number;
}

/** A receiver with what delivery knows of it: the chats whose gates let events through to it. */
export class Attachment {
  readonly receiver: Receiver;
  readonly chats = new Map<string, Gate>();
  /** Chats that are being added to it. */
  joins: Map<string, Promise<void>> | undefined = undefined;
  /** `hello` is answered: pushes may go out. */
  isReady = false;
  /** Chats (with the rev of joining) it was added to before. */
  early: Map<string, number> | undefined = undefined;
  gone = false;
  #greetings: Map<string, (summary: Summary) => void> | undefined = undefined;

  constructor(receiver: Receiver) {
    this.receiver = receiver;
  }

  get user(): string {
    return this.receiver.user;
  }

  /** Called with the Summary right before `chat.added` of this chat is pushed: the reply of a create or join goes first. */
  greet(chat: string, greeting: (summary: Summary) => void): void {
    (this.#greetings ??= new Map()).set(chat, greeting);
  }

  takeGreeting(chat: string): ((summary: Summary) => void) | undefined {
    const greeting = this.#greetings?.get(chat);
    this.#greetings?.delete(chat);
    return greeting;
  }
}
