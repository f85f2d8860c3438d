import { BusError, type Bus, type RouteKey } from '@garam/bus/bus';
import type { BusEntry } from '@garam/contracts/bus-entry';

/** Tells every gateway with a route. What is told this way may be lost: without a bus nobody hears it. */
export async function publishTo(bus: Bus, key: RouteKey, entry: BusEntry): Promise<void> {
  try {
    const [instances] = await bus.routes.get([key]);
    await Promise.all((instances ?? []).map((instance) => bus.publish(instance, [entry])));
  } catch (error) {
    if (!(error instanceof BusError)) throw error;
  }
}
