import { expect } from 'vitest';

/** Waits until the condition holds; the test fails when it does not within 15 s. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  await expect.poll(condition, { timeout: 15_000, interval: 5, message: what }).toBe(true);
}
