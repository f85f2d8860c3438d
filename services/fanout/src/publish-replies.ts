import type { Bus } from '@garam/bus/bus';
import type { ReplyRecord } from '@garam/contracts/reply-record';
import { createOutgoing } from './outgoing.ts';

/** Sends each answer to the instance that waits for it, one batch per instance. */
export async function publishReplies(bus: Bus, replies: readonly ReplyRecord[]): Promise<void> {
  const outgoing = createOutgoing();
  for (const reply of replies) outgoing.add([reply.cause.origin], { kind: 'reply', reply });
  await Promise.all([...outgoing.batches].map(([instance, entries]) => bus.publish(instance, entries)));
}
