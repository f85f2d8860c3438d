/**
 * Watches what every member receives. Revs of a chat must arrive densely and in order, the same content under one rev
 * for everyone, and each sender's messages in the order they were sent.
 */
export class DeliveryCheck {
  readonly #members = new Map<number, MemberProgress>();
  readonly #chats = new Map<number, ChatProgress>();
  duplicated = 0;
  reordered = 0;

  /** Any event; `message` is the driver's number of it, or -1 when it is not one of this run. */
  event(member: number, chat: number, rev: number, sender: number, message: number): void {
    const progress = this.#members.get(member);
    if (progress === undefined) this.#members.set(member, { last: rev, holes: new Set() });
    else if (!this.#advance(progress, rev)) return;
    this.#compare(chat, rev, sender, message);
  }

  /** False when this member has had the rev already. */
  #advance(progress: MemberProgress, rev: number): boolean {
    if (rev === progress.last + 1) {
      progress.last = rev;
      return true;
    }
    if (rev <= progress.last) {
      if (progress.holes.delete(rev)) return true;
      this.duplicated += 1;
      return false;
    }
    this.reordered += 1;
    for (let hole = progress.last + 1; hole < rev; hole += 1) progress.holes.add(hole);
    progress.last = rev;
    return true;
  }

  #compare(chat: number, rev: number, sender: number, message: number): void {
    let progress = this.#chats.get(chat);
    if (progress === undefined) this.#chats.set(chat, (progress = { content: new Map(), lastOf: new Map() }));
    const known = progress.content.get(rev);
    if (known !== undefined) {
      if (known !== message) this.reordered += 1;
      return;
    }
    progress.content.set(rev, message);
    if (message < 0) return;
    if (message < (progress.lastOf.get(sender) ?? -1)) this.reordered += 1;
    progress.lastOf.set(sender, message);
  }
}

interface MemberProgress {
  last: number;
  /** Revs that were jumped over and have not come since. */
  holes: Set<number>;
}

interface ChatProgress {
  /** rev → message, as the first member saw it. */
  content: Map<number, number>;
  /** sender → its latest message. */
  lastOf: Map<number, number>;
}
