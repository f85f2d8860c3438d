import type { SendRecord, Violation } from './evidence.ts';

/** What all clients of a run have counted and kept. */
export interface Tally {
  sends: SendRecord[];
  violations: Violation[];
  /** Commands that ended without a reply, or with `unknown_outcome`. */
  unknownOutcomes: number;
  /** `ok` with `duplicate: true` to a command whose outcome was really unknown. */
  duplicatesAfterUnknown: number;
  /** The same where the client only pretended not to have heard the first `ok`. */
  duplicatesPretended: number;
  retries: number;
  temporaryRefusals: number;
  refused: number;
  acked: number;
  reconnects: number;
  syncs: number;
  /** Longest time from the first writing of a send to its `ok`. */
  longestStallMs: number;
}

export function emptyTally(): Tally {
  return {
    sends: [],
    violations: [],
    unknownOutcomes: 0,
    duplicatesAfterUnknown: 0,
    duplicatesPretended: 0,
    retries: 0,
    temporaryRefusals: 0,
    refused: 0,
    acked: 0,
    reconnects: 0,
    syncs: 0,
    longestStallMs: 0,
  };
}
