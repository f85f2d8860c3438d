import { TOPICS } from '@garam/contracts/topics';
import type { Seen } from './evidence.ts';
import type { Problem, World } from './world.ts';

/** On a healthy bus an event that comes late is one that only the healing has found. */
export function checkLatency(
  { profile }: Pick<World, 'profile'>,
  seen: readonly Seen[],
  facts: {
    appendedAt: ReadonlyMap<string, number>;
    onProblem: (invariant: Problem['invariant'], text: string) => void;
  },
): void {
  const { arrivesWithinMs } = profile;
  if (arrivesWithinMs === undefined) return;
  for (const { event, session, atMs, readyAtMs } of seen) {
    const appendedAt = facts.appendedAt.get(`${TOPICS.events} ${event.chat}:${event.rev}`) ?? 0;
    const lateMs = atMs - Math.max(appendedAt, readyAtMs);
    if (lateMs > arrivesWithinMs) {
      facts.onProblem(
        'latency',
        `${session}: ${event.chat.slice(0, 6)} rev ${event.rev} came after ${Math.round(lateMs)} ms`,
      );
    }
  }
}
