import type { Wish } from './evidence.ts';
import type { Problem } from './world.ts';

/** Where nothing fails that answers need, everybody is answered the first time. */
export function checkAnswers(
  wishes: readonly Wish[],
  onProblem: (invariant: Problem['invariant'], text: string) => void,
): void {
  for (const { sender, type, clientId, attempt } of wishes) {
    if (attempt > 1) onProblem('latency', `${sender}: ${type} ${clientId} had to be asked ${attempt} times`);
  }
}
