import type { ReceiptMark, ReceiptRecord } from '@garam/contracts/receipt-record';

/** Marks per chat and user, folded to maxima: any order and any repetition of records gives the same. */
export interface MarkFold {
  add(receipt: ReceiptRecord): void;
  /** Takes everything out, chat by chat. */
  take(): ReceiptRecord[];
  /** Number of (chat, user) pairs held. */
  readonly size: number;
}

export function createMarkFold(): MarkFold {
  let chats = new Map<string, Map<string, ReceiptMark>>();
  let size = 0;
  return {
    get size() {
      return size;
    },
    add({ chat, marks }) {
      let users = chats.get(chat);
      if (users === undefined) chats.set(chat, (users = new Map()));
      for (const mark of marks) {
        const known = users.get(mark.user);
        if (known === undefined) size++;
        users.set(mark.user, raised(known, mark));
      }
    },
    take() {
      const taken = [...chats].map(([chat, users]) => ({ chat, marks: [...users.values()] }));
      chats = new Map();
      size = 0;
      return taken;
    },
  };
}

/** What is read has been delivered. */
function raised(known: ReceiptMark | undefined, { user, delivered, read }: ReceiptMark): ReceiptMark {
  const mostRead = Math.max(known?.read ?? 0, read);
  return { user, read: mostRead, delivered: Math.max(known?.delivered ?? 0, delivered, mostRead) };
}
