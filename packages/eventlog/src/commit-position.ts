import type { Clock } from '@garam/runtime/clock';
import type { Assignment } from './event-log.ts';

export interface PositionCommit {
  /** Everything below `nextOffset` is done; committed soon. Never goes back. */
  done(nextOffset: number): void;
  /** Commits what is outstanding now. Rejects when that fails; it stays outstanding. */
  flush(): Promise<void>;
}

export interface PositionCommitOptions {
  /** At most one commit in this time, ms. */
  intervalMs: number;
  onError(error: unknown): void;
}

/**
 * Commits a partition's position at most once per interval: a later commit costs only replay, and every consumer of
 * the log tolerates that. A failed commit is tried again after the interval; nothing is retried once the assignment ended.
 */
export function createPositionCommit(
  assignment: Assignment,
  clock: Clock,
  options: PositionCommitOptions,
): PositionCommit {
  let wanted = assignment.start;
  let committed = assignment.start;
  let isArmed = false;
  let running: Promise<void> | undefined;

  const commitNow = async (): Promise<void> => {
    const position = wanted;
    if (position <= committed) return;
    await assignment.commit(position);
    committed = Math.max(committed, position);
  };
  const flush = (): Promise<void> => {
    const turn = (running ?? Promise.resolve()).catch(() => undefined).then(commitNow);
    running = turn;
    return turn;
  };
  const arm = () => {
    if (isArmed || wanted <= committed || assignment.signal.aborted) return;
    isArmed = true;
    clock.after(options.intervalMs, () => {
      flush()
        .catch((error: unknown) => options.onError(error))
        .finally(() => {
          isArmed = false;
          arm();
        });
    });
  };
  return {
    done(nextOffset) {
      wanted = Math.max(wanted, nextOffset);
      arm();
    },
    flush,
  };
}
