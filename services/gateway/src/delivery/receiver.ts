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

/** Chats left that a receiver remembers; views have long caught up with older ones. */
const LEFT_MAX = 1_000;

/** A chat on its way to a receiver. */
export interface Join {
  /** Newest rev with which the user is known to have become a member. */
  rev: number;
  done: Promise<void>;
}

/** A receiver with what delivery knows of it: the chats whose gates let events through to it. */
export class Attachment {
  readonly receiver: Receiver;
  readonly chats = new Map<string, Gate>();
  /** Chats that are being added to it. */
  joins: Map<string, Join> | undefined = undefined;
  /** `hello` is answered: pushes may go out. */
  isReady = false;
  /** Chats (with the rev of joining) it was added to before. */
  early: Map<string, number> | undefined = undefined;
  gone = false;
  /** Chats its user was found not to be in, and the rev as of which: no reply may show it as a member from before. */
  #left: Map<string, number> | undefined = undefined;
  #greetings: Map<string, (summary: Summary) => void> | undefined = undefined;

  constructor(receiver: Receiver) {
    this.receiver = receiver;
  }

  get user(): string {
    return this.receiver.user;
  }

  noteLeft(chat: string, rev: number): void {
    this.#left ??= new Map();
    this.#left.delete(chat);
    this.#left.set(chat, rev);
    if (this.#left.size > LEFT_MAX) this.#left.delete(this.#left.keys().next().value!);
  }

  /** 0: not known to have left. */
  leftAtRev(chat: string): number {
    return this.#left?.get(chat) ?? 0;
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
