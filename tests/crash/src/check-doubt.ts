import type { Violation } from './evidence.ts';
import type { Tally } from './tally.ts';

/** A run in which nothing was ever in doubt proves nothing. */
export function checkDoubt(tally: Tally): Violation[] {
  const missing: Violation[] = [];
  const require = (condition: boolean, detail: string): void => {
    if (!condition) missing.push({ rule: 'run proves too little', detail });
  };
  require(tally.acked > 0, 'nothing was acknowledged');
  require(tally.unknownOutcomes > 0, 'no outcome was unknown');
  require(tally.duplicatesAfterUnknown + tally.duplicatesPretended > 0, 'no duplicate was suppressed');
  require(tally.refused > 0, 'nothing was refused');
  return missing;
}
