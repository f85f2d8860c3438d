import { expect } from 'vitest';

/** Like `until` of the test kit, for what takes brokers their time: electing, fencing, recovering. */
export async function withinAMinute(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  await expect.poll(condition, { timeout: 60_000, interval: 20, message: what }).toBe(true);
}
