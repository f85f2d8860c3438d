import { BusError, type MembershipChange, type RouteKey } from '@garam/bus/bus';
import { backoffDelayMs } from '@garam/runtime/backoff';
import type { DeliveryCore } from './delivery-core.ts';

/** `isMending`: the bus is being put in order, so that its answer is wanted or none. */
export type AskingCore = Pick<DeliveryCore, 'cover'> & { isMending?: boolean };

const BACKOFF = { baseMs: 20, maxMs: 500 };

/**
 * Makes sure that what happens from now on under these keys gets here: the routes are on the bus, or the bus is cut and
 * the log is being read here from an offset known by now; then the routes are written when it is back.
 * @throws BusError · LogError
 */
export async function writeRoutes(core: DeliveryCore, keys: readonly RouteKey[]): Promise<void> {
  const { cover, routes } = core;
  const { clock } = core.deps;
  for (let failures = 0; !cover.isCut; failures++) {
    try {
      await routes.add(keys);
      cover.busWorked();
      return;
    } catch (error) {
      cover.busFailed();
      // Without a cover, or before it has begun: the caller's to try again.
      if (!cover.isCut && (failures >= 3 || core.stopping.aborted)) throw error;
    }
    if (!cover.isCut) await clock.sleep(backoffDelayMs(failures, BACKOFF, clock.random) + 1, core.stopping);
  }
  // The bus may be about to be back: nothing waits for this.
  routes.add(keys).catch(() => {});
  await cover.covered();
}

/**
 * What the bus knows lately, or `instead` while it is cut. Whoever mends asks all the same.
 * @throws BusError
 */
export async function askBus<T>(core: AskingCore, ask: () => Promise<T>, instead: T): Promise<T> {
  const { cover, isMending } = core;
  if (cover.isCut && !isMending) return instead;
  try {
    return await ask();
  } catch (error) {
    if (error instanceof BusError) cover.busFailed();
    if (cover.isCut && !isMending) return instead;
    throw error;
  }
}

/** Recent membership changes of a user: what the bus remembers, then what was read of the log here. @throws BusError */
export async function recentChanges(
  core: AskingCore & Pick<DeliveryCore, 'deps'>,
  user: string,
): Promise<readonly MembershipChange[]> {
  const remembered = await askBus(core, () => core.deps.bus.recent.forUser(user), []);
  const seen = core.cover.seenChanges(user);
  return seen.length === 0 ? remembered : [...remembered, ...seen];
}
