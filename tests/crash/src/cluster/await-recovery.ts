import { until } from '@garam/tests-driver/deadline';
import type { ClusterWorld } from './cluster-world.ts';
import { lagsBelow, topicEnds } from './consumer-lags.ts';
import type { DeliveryWatch } from './delivery-watch.ts';
import type { KafkaReader } from './kafka-reader.ts';

/** How long it took until nobody noticed the fault any more, from the moment it was taken back. */
export interface Recovery {
  recoveredAt: number;
  /** Until people were served again, ms. */
  peopleMs: number;
  /** Until all consumers had handled what was in the log when the fault was taken back, ms. */
  consumersMs: number;
}

export interface Recovering {
  world: ClusterWorld;
  watch: DeliveryWatch;
  reader: KafkaReader;
}

/** Far more than a busy machine needs: what is not back then never will be. */
const RECOVERY_MS_MAX = 240_000;

/**
 * Waits until every send written before the end of the fault is settled, a send written afterwards is acknowledged in
 * every chat, all of them are on every screen, and the consumers have caught up.
 * @throws Error that names what did not come
 */
export async function awaitRecovery({ world, watch, reader }: Recovering, endedAt: number): Promise<Recovery> {
  const { tally, chats } = world;
  const ends = topicEnds(reader);
  ends.catch(() => undefined);
  const knownSends = tally.sends.length;
  let old = tally.sends.filter(({ outcome }) => outcome === 'pending');
  const settled = (): boolean => {
    old = old.filter(({ outcome, firstWrittenAt }) => outcome === 'pending' && firstWrittenAt !== null);
    return old.every(({ firstWrittenAt }) => firstWrittenAt! > endedAt);
  };
  await until(settled, RECOVERY_MS_MAX, 'sends of before settled', POLL_MS);
  const served = (): boolean => {
    const fresh = tally.sends.slice(knownSends).filter(({ ackedAt }) => ackedAt !== null);
    return new Set(fresh.map(({ chat }) => chat)).size === chats.length;
  };
  await until(served, RECOVERY_MS_MAX, 'new sends acknowledged in every chat', POLL_MS);
  const ackedBy = performance.now();
  await until(() => watch.allShown(ackedBy), RECOVERY_MS_MAX, 'acknowledged messages on every screen', POLL_MS);
  const recoveredAt = performance.now();
  const below = await ends;
  const caughtUp = async (): Promise<boolean> => (await lagsBelow(reader, below)).length === 0;
  await until(caughtUp, RECOVERY_MS_MAX, 'consumers caught up', POLL_MS).catch(async (error: Error) => {
    throw new Error(`${error.message}: ${(await lagsBelow(reader, below)).join('; ')}`, { cause: error });
  });
  return { recoveredAt, peopleMs: recoveredAt - endedAt, consumersMs: performance.now() - endedAt };
}

const POLL_MS = 100;
