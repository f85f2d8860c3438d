import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until the condition holds, also outside of a test. @throws Error after 30 s */
export async function eventually(condition: () => Promise<boolean>, what: string): Promise<void> {
  for (const endsAt = performance.now() + 30_000; performance.now() < endsAt; await sleep(10)) {
    if (await condition()) return;
  }
  throw new Error(`not within 30 s: ${what}`);
}
