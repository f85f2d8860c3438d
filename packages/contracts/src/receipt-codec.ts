import { createAvroCodec } from './avro-codec.ts';
import type { ReceiptRecord } from './receipt-record.ts';

/** Values of `garam.chat.receipts.v1`. */
export const receiptCodec = createAvroCodec<ReceiptRecord>('chat-receipts', {
  toAvro: (receipt) => receipt,
  fromAvro: (value: ReceiptRecord) =>
    value.marks.every((mark) => mark.delivered >= 0 && mark.read >= 0) ? value : null,
});

export function encodeReceipt(receipt: ReceiptRecord): Uint8Array {
  return receiptCodec.encode(receipt);
}

/** null: the bytes are no receipt. */
export function decodeReceipt(bytes: Uint8Array): ReceiptRecord | null {
  return receiptCodec.decode(bytes);
}
