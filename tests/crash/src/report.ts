import type { CrashResult } from './run-crash.ts';
import type { Violation } from './evidence.ts';

/** The counts of a run and its verdict. */
export function crashLines(result: CrashResult): string[] {
  const { counts, tally } = result;
  const rows: [string, string][] = [
    ['kills with sends in flight', `${counts.kills} (${counts.inFlight} sends in flight in all)`],
    ['kills during start-up, on top', String(counts.duringStart)],
    ['pauses of seconds, on top', String(counts.pauses)],
    ['longest kill to ready again', `${(counts.longestRestartMs / 1000).toFixed(1)} s`],
    ['sends', String(tally.sends.length)],
    ['commands acknowledged', String(tally.acked)],
    ['refused for ever, as they must be', String(tally.refused)],
    ['unknown outcomes', String(tally.unknownOutcomes)],
    [
      'duplicates suppressed',
      `${tally.duplicatesAfterUnknown} after an unknown outcome, ${tally.duplicatesPretended} pretended`,
    ],
    ['retries', String(tally.retries)],
    ['temporary refusals', String(tally.temporaryRefusals)],
    ['reconnects', String(tally.reconnects)],
    ['repairs by sync', String(tally.syncs)],
    ['longest stall of a send', `${(tally.longestStallMs / 1000).toFixed(1)} s`],
    ['messages in all histories', `${result.messages}, compared for ${result.compared} members of chats`],
    ['durability class', result.durability],
  ];
  return rows.map(([name, value]) => `  ${name.padEnd(34)} ${value}`);
}

/** The first violations of each rule, and how many there are. */
export function violationLines(violations: readonly Violation[]): string[] {
  const lines: string[] = [];
  for (const [rule, all] of Map.groupBy(violations, (violation) => violation.rule)) {
    lines.push(`  ${rule}: ${all.length}`);
    for (const { detail } of all.slice(0, SHOWN_MAX)) lines.push(`    ${detail}`);
  }
  return lines;
}

const SHOWN_MAX = 5;
