import type { Clock } from '@garam/runtime/clock';
import type { Progress } from './migration.ts';

const EVERY_MS = 2_000;

/** A line when a step ends, and every two seconds while it lasts. */
export function createProgress(clock: Clock, line: (text: string) => void): Progress {
  return {
    line,
    step(what, total) {
      const startedMs = clock.monotonic();
      let toldMs = startedMs;
      let count = 0;
      const rate = () => {
        const seconds = (clock.monotonic() - startedMs) / 1_000;
        return seconds < 1 ? '' : ` (${number(Math.round(count / seconds))}/s)`;
      };
      return {
        add(more) {
          count += more;
          if (clock.monotonic() - toldMs < EVERY_MS) return;
          toldMs = clock.monotonic();
          line(`${what}: ${number(count)}${total === undefined ? '' : ` of ${number(total)}`}${rate()}`);
        },
        done: () => line(`${what}: ${number(count)}${rate()}`),
      };
    },
  };
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
