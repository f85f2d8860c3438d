import type { Clock } from '@garam/runtime/clock';

/** Everybody who waits goes on at the same moment: what they then ask for shares its requests. */
export function createPace(clock: Clock, paceMs: number): () => Promise<void> {
  let next: Promise<void> | undefined;
  return () => {
    next ??= clock.sleep(paceMs).then(() => {
      next = undefined;
    });
    return next;
  };
}
