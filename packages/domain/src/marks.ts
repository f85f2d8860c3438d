import type { ReceiptMark } from '@garam/contracts/receipt-record';

/**
 * How far a user has got in a chat: `read ≤ delivered`, both seqs, both maxima: folding marks in any order, any number
 * of times, gives the same, and nothing goes back.
 */
export type Marks = Omit<ReceiptMark, 'user'>;

export const NO_MARKS: Marks = { delivered: 0, read: 0 };

/** The higher of both, field by field; what is read has been delivered. */
export function raiseMarks(known: Marks, reported: Marks): Marks {
  const read = Math.max(known.read, reported.read);
  const delivered = Math.max(known.delivered, reported.delivered, read);
  return read === known.read && delivered === known.delivered ? known : { delivered, read };
}

/** Sending is reading: a message moves its author's marks to its seq. */
export function marksOfAuthor(seq: number): Marks {
  return { delivered: seq, read: seq };
}

/**
 * Messages not read yet.
 * @param visibleFrom first seq the user may see.
 */
export function unreadCount(headSeq: number, read: number, visibleFrom: number): number {
  return Math.max(0, headSeq - Math.max(read, visibleFrom - 1));
}
