import type { Push } from '@garam/protocol/pushes';

/** What is done about a socket that does not take what it is given, by bytes waiting. */
export const SLOW = {
  /** Typing and presence are left out. */
  dropBytes: 65_536,
  /** Receipts are merged and wait. */
  mergeBytes: 262_144,
  /** The connection is closed; the client resumes by cursor. */
  closeBytes: 1_048_576,
} as const;

type Receipts = Extract<Push, { t: 'receipts' }>;

/** Receipts waiting for a slow socket: maxima per chat and user, the newest counts per seq. */
export class HeldReceipts {
  readonly #marks = new Map<string, Map<string, { user: string; delivered: number; read: number }>>();
  readonly #counts = new Map<string, Map<number, number>>();

  add(push: Receipts): void {
    if ('unreadBy' in push) {
      const counts = this.#counts.get(push.chat) ?? new Map<number, number>();
      this.#counts.set(push.chat, counts);
      for (const [seq, count] of push.unreadBy) counts.set(seq, count);
      return;
    }
    const marks = this.#marks.get(push.chat) ?? new Map<string, { user: string; delivered: number; read: number }>();
    this.#marks.set(push.chat, marks);
    for (const { user, delivered, read } of push.marks) {
      const known = marks.get(user);
      marks.set(user, {
        user,
        delivered: Math.max(delivered, known?.delivered ?? 0),
        read: Math.max(read, known?.read ?? 0),
      });
    }
  }

  /** One push per chat. */
  pushes(): Receipts[] {
    const marks = [...this.#marks].map(([chat, byUser]) => ({
      t: 'receipts' as const,
      chat,
      marks: [...byUser.values()],
    }));
    const counts = [...this.#counts].map(([chat, bySeq]) => ({ t: 'receipts' as const, chat, unreadBy: [...bySeq] }));
    return [...marks, ...counts];
  }
}
