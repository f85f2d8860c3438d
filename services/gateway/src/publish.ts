import type { Bus, RouteKey } from '@garam/bus/bus';
import type { BusEntry } from '@garam/contracts/bus-entry';

/** Sends an entry to every instance with a route of the key. @throws BusError */
export async function publishTo(bus: Pick<Bus, 'routes' | 'publish'>, key: RouteKey, entry: BusEntry): Promise<void> {
  const [instances = []] = await bus.routes.get([key]);
  await Promise.all(instances.map((instance) => bus.publish(instance, [entry])));
}
