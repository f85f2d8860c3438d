import { randomUUID } from 'node:crypto';
import { toReceiptRecord } from '@garam/contracts/log-records';
import { partitionOf } from '@garam/contracts/partition-of';
import { TOPICS } from '@garam/contracts/topics';
import { isService } from '@garam/views/decide-access';
import type { CommandCall } from './command-call.ts';
import type { RunDeps } from './run-command.ts';

/** Appends how far the caller has got, clamped to a head that has been seen; no record where nothing rises. */
export async function recordMark(
  { log, views, bigChat }: Pick<RunDeps, 'log' | 'views' | 'bigChat'>,
  { type, fields, caller }: CommandCall<'read' | 'delivered'>,
): Promise<object> {
  const { chat } = fields;
  const access = await views.access(caller.id, chat);
  const seq = Math.min(fields.seq, access.head.seq);
  const isKnown = seq <= (type === 'read' ? access.read : access.delivered);
  if (isKnown || isService(caller.id) || (type === 'delivered' && access.memberCount > bigChat)) return {};
  const marks = [{ user: caller.id, delivered: seq, read: type === 'read' ? seq : 0 }];
  await log.append(TOPICS.receipts, toReceiptRecord({ chat, marks }, partitionOf(chat, log.partitions), randomUUID()));
  return {};
}
