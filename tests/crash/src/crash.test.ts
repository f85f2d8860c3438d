import { appendFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { violationLines } from './report.ts';
import { runCrash } from './run-crash.ts';
import { traceDurability, whyNoTrace } from './trace-durability.ts';

test(
  'three kills under load lose, double and reorder nothing that was acknowledged',
  { timeout: 120_000 },
  async () => {
    const result = await runCrash({ kills: 3, clients: 20, ratePerSecond: 200, seed: 1, server: null, say: () => {} });
    expect(violationLines(result.violations)).toEqual([]);
    expect(result.counts.kills).toBe(3);
    expect(result.counts.inFlight).toBeGreaterThan(0);
    expect(result.tally.unknownOutcomes).toBeGreaterThan(0);
  },
);

const reason = whyNoTrace();

if (reason !== null) leaveOut(`crash: that every ok follows a synced commit (${reason})`);

test.runIf(reason === null)('every ok follows a synced write of the write-ahead log', { timeout: 90_000 }, async () => {
  expect(violationLines(await traceDurability({ messages: 10, server: null }))).toEqual([]);
});

function leaveOut(line: string): void {
  console.warn(`LEFT OUT ${line}`);
  const file = process.env['GARAM_LEFT_OUT'];
  if (file !== undefined) appendFileSync(file, `${line}\n`);
}
