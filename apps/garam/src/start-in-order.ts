import type { Readiness, Service } from '@garam/service/service';

/**
 * Several services as one: started in the given order (consumers before edges), drained together, stopped in
 * reverse order. Ready when all are.
 */
export function startInOrder(name: string, services: readonly Service[]): Service {
  return {
    name,
    async start() {
      for (const service of services) await service.start();
    },
    async drain(graceMs) {
      // Edges first: what they accepted is still carried through the log.
      for (const service of services.toReversed()) await service.drain(graceMs);
    },
    async stop() {
      for (const service of services.toReversed()) await service.stop();
    },
    readiness(): Readiness {
      for (const service of services) {
        const readiness = service.readiness();
        if (!readiness.ready) return { ready: false, reason: `${service.name}: ${readiness.reason}` };
      }
      return { ready: true };
    },
  };
}
