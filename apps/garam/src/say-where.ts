import type { Service } from '@garam/service/service';

interface Place {
  host: string;
  port(): number;
  isDevelopment: boolean;
}

/** The service, telling a person where it is once it has started. */
export function sayWhere(service: Service, place: Place): Service {
  return {
    ...service,
    async start() {
      await service.start();
      const host = place.host === '0.0.0.0' ? '127.0.0.1' : place.host;
      console.log(`Garam is at http://${host}:${place.port()}`);
      if (place.isDevelopment)
        console.log('Development mode: open it in two tabs and take two names. Only this machine can reach it.');
    },
  };
}
