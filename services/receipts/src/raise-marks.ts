import type { ReceiptRecord } from '@garam/contracts/receipt-record';
import type { MarkRow, ViewWrites } from '@garam/store/view-writes';

/** Writes the marks and returns their number; the store keeps maxima, so repeating or reordering this changes nothing. */
export async function raiseMarks(writes: ViewWrites, receipts: readonly ReceiptRecord[]): Promise<number> {
  const rows: MarkRow[] = [];
  for (const { chat, marks } of receipts) for (const mark of marks) rows.push({ chat, ...mark });
  if (rows.length > 0) await writes.raiseMarks(rows);
  return rows.length;
}
