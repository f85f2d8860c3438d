import type { Readiness, Service } from '@garam/service/service';

/**
 * Several services as one: started in the given order, drained and stopped in the order of `ending`, ready when all are.
 */
export function startInOrder(name: string, services: readonly Service[], ending: readonly Service[]): Service {
  return {
    name,
    async start() {
      for (const service of services) await service.start();
    },
    async drain(graceMs) {
      for (const service of ending) await service.drain(graceMs);
    },
    async stop() {
      for (const service of ending) await service.stop();
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
