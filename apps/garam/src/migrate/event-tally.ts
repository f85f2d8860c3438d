import { hash } from 'node:crypto';
import type { EventRecord } from '@garam/contracts/event-record';

/** What a log says of one chat. */
export interface ChatTally {
  /** Newest rev: all below are there. */
  rev: number;
  seq: number;
  /** Over the bytes of all events in their order. */
  digest: string;
}

/** Folds events of many chats as a consumer does that skips rev ≤ last, and finds out whether revs are dense. */
export class EventTally {
  readonly chats = new Map<string, ChatTally>();
  events = 0;
  readonly #where: string;

  /** @param where what is read, for people */
  constructor(where: string) {
    this.#where = where;
  }

  revOf(chat: string): number {
    return this.chats.get(chat)?.rev ?? 0;
  }

  /** False: a repetition. @throws Error an event is missing */
  fold({ chat, rev, seq }: EventRecord, bytes: Uint8Array): boolean {
    const last = this.chats.get(chat);
    const expected = (last?.rev ?? 0) + 1;
    if (rev < expected) return false;
    if (rev > expected)
      throw new Error(`${this.#where}: events of chat ${chat} are missing: rev ${rev} follows ${expected - 1}`);
    const digest = hash('sha256', Buffer.concat([Buffer.from(last?.digest ?? ''), bytes]), 'base64url');
    this.chats.set(chat, { rev, seq, digest });
    this.events++;
    return true;
  }
}
