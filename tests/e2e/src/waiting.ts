import { setTimeout as sleep } from 'node:timers/promises';
import type { WsClient } from './ws-client.ts';

const EVENTUALLY_MS = 6_000;
const PAUSE_MS = 60;

/** Repeats `attempt` until it no longer throws; for what the protocol promises soon, not at once. */
export async function eventually<T>(attempt: () => Promise<T>, ms = EVENTUALLY_MS): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await sleep(PAUSE_MS);
  }
}

/**
 * Gives whatever should *not* come the time to come: a round trip on every connection,
 * a short pause, and another round trip.
 */
export async function quiet(...clients: WsClient[]): Promise<void> {
  await Promise.all(clients.map((client) => client.cmd('ping')));
  await sleep(150);
  await Promise.all(clients.map((client) => client.cmd('ping')));
}

/** Returns in a later millisecond of the clock, so that two things that follow each other get different times. */
export async function nextMillisecond(): Promise<void> {
  const start = Date.now();
  while (Date.now() <= start + 1) await new Promise((resolve) => setImmediate(resolve));
}
