/** A record of `garam.chat.receipts.v1`: how far users of one chat have got, coalesced by an edge. Maxima. */
export interface ReceiptRecord {
  chat: string;
  marks: ReceiptMark[];
}

export interface ReceiptMark {
  user: string;
  delivered: number;
  read: number;
}
