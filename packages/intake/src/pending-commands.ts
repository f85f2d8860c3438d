import type { Clock } from '@garam/runtime/clock';
import { wireError, type WireError } from '@garam/protocol/errors';
import type { Outcome } from './submit-request.ts';

/** A command handed to the log that has not been answered. */
export interface PendingCommand {
  chat: string;
  clientId: string;
  /** Why this edge marked it `refuse`, to give the whole error when the log confirms it. */
  refusal: WireError | undefined;
  startedAt: number;
  done(outcome: Outcome): void;
}

export interface PendingCommands {
  /** Its number, unique in this process. */
  add(command: PendingCommand): number;
  /** Removes it: whoever takes it calls its `done`. */
  take(number: number): PendingCommand | undefined;
  readonly size: number;
  oldestAgeMs(): number;
  /** Ends what has waited too long, and everything when `all`. Returns how many. */
  expire(all?: boolean): number;
}

/** All wait equally long, so the table is ordered by deadline and one coarse timer of the owner's serves them all. */
export function createPendingCommands(deps: { clock: Clock }, options: { timeoutMs: number }): PendingCommands {
  const { clock } = deps;
  const byNumber = new Map<number, PendingCommand>();
  let lastNumber = 0;

  function take(number: number): PendingCommand | undefined {
    const command = byNumber.get(number);
    if (command !== undefined) byNumber.delete(number);
    return command;
  }

  return {
    add(command) {
      byNumber.set(++lastNumber, command);
      return lastNumber;
    },
    take,
    get size() {
      return byNumber.size;
    },
    oldestAgeMs() {
      const oldest = byNumber.values().next();
      return oldest.done ? 0 : clock.monotonic() - oldest.value.startedAt;
    },
    expire(all = false) {
      const startedBefore = clock.monotonic() - options.timeoutMs;
      let expired = 0;
      for (const [number, command] of byNumber) {
        if (!all && command.startedAt > startedBefore) break;
        byNumber.delete(number);
        expired += 1;
        command.done({ error: wireError('unknown_outcome') });
      }
      return expired;
    },
  };
}
