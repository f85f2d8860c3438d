const FIRST_MS = 500;
const MAX_MS = 20_000;

/**
 * Wait before try `attempt` (0, 1, 2 …) in ms: full jitter, uniform in 0 … min(20 s, 0.5 s · 2ⁿ), so that the clients
 * of a restarted server do not return all at once.
 *
 * @param {number} attempt
 * @param {() => number} [random]
 */
export function backoffMs(attempt, random = Math.random) {
  return random() * Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
}
