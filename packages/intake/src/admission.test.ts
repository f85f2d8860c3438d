import { describe, expect, it } from 'vitest';
import { createManualClock } from '@garam/testkit/manual-clock';
import { createAdmission } from './admission.ts';

const options = { waitingMax: 50_000, waitingMin: 200, delayTargetMs: 250 };

/** A pipeline that answers `perMs` commands per ms in order, and clients that offer `offeredPerMs`. */
async function run(load: { perMs: number; offeredPerMs: number; forMs: number; pauseAtMs?: number; pauseMs?: number }) {
  const clock = createManualClock();
  const admission = createAdmission({ clock }, options);
  const waiting: number[] = [];
  const delays: number[] = [];
  let refused = 0;
  for (let ms = 1; ms <= load.forMs; ms++) {
    await clock.advance(1);
    const now = clock.monotonic();
    for (let index = 0; index < load.offeredPerMs; index++) {
      if (admission.admits(waiting.length)) waiting.push(now);
      else refused += 1;
    }
    const isPaused = ms > (load.pauseAtMs ?? Infinity) && ms <= load.pauseAtMs! + load.pauseMs!;
    for (const startedAt of isPaused ? [] : waiting.splice(0, load.perMs)) {
      admission.answered(now - startedAt);
      delays.push(now - startedAt);
    }
    if (ms % 100 === 0) admission.tick(waiting.length, waiting.length === 0 ? 0 : now - waiting[0]!);
  }
  return { answered: delays.length, lateDelays: delays.slice(-1_000), refused, limit: admission.limit };
}

describe('admission', () => {
  it('refuses nothing at the highest healthy rate', async () => {
    expect((await run({ perMs: 4, offeredPerMs: 4, forMs: 2_000 })).refused).toBe(0);
  });

  it('at twice that rate it keeps the rate and the delay near the target', async () => {
    const { answered, lateDelays, refused } = await run({ perMs: 4, offeredPerMs: 8, forMs: 4_000 });
    expect(answered).toBeGreaterThan(0.98 * 4 * 4_000);
    expect(refused).toBeGreaterThan(0);
    expect(Math.max(...lateDelays)).toBeLessThan(400);
  });

  it('one pause is no overload', async () => {
    const load = { perMs: 8, offeredPerMs: 2, forMs: 2_000, pauseAtMs: 500, pauseMs: 300 };
    expect((await run(load)).refused).toBe(0);
  });

  it('a pipeline that answers nothing is limited to what finds out that it works again', async () => {
    const { limit, refused } = await run({ perMs: 4, offeredPerMs: 4, forMs: 3_000, pauseAtMs: 500, pauseMs: 2_500 });
    expect(limit).toBe(options.waitingMin);
    expect(refused).toBeGreaterThan(5_000);
  });
});
