import type { Bus } from '@garam/bus/bus';
import type { AdapterDeps, AdapterOptions, Opened } from './adapter-deps.ts';
import type { Places } from './parse-adapter-urls.ts';

/**
 * Opens the bus. One that is out of reach at the start is no reason to fail where the adapter can begin without it.
 * @throws BusError
 */
export async function openBus(place: Places['bus'], deps: AdapterDeps, options: AdapterOptions): Promise<Opened<Bus>> {
  const port = place.kind === 'redis' ? await openRedis(place.url, deps, options) : await openMemory(deps);
  return { port, close: () => port.close() };
}

async function openMemory({ clock }: AdapterDeps): Promise<Bus> {
  const { createMemoryBus } = await import('@garam/bus-memory/create-memory-bus');
  return createMemoryBus({ clock });
}

async function openRedis(url: string, deps: AdapterDeps, _options: AdapterOptions): Promise<Bus> {
  const { createRedisBus } = await import('@garam/bus-redis/create-redis-bus');
  return createRedisBus({ url, ...deps });
}
