import { systemClock } from '@garam/runtime/system-clock';
import { quietLogger } from '@garam/telemetry/logger';
import { busContract, type BusFixture } from '@garam/testkit/bus-contract';
import { inject } from 'vitest';
import { createRedisBus } from './create-redis-bus.ts';
import { startTcpProxy } from './testing/tcp-proxy.ts';

const EVENTS_PER_CHAT = 100;

busContract('Redis', makeFixture);

async function makeFixture(): Promise<BusFixture> {
  const proxy = await startTcpProxy(Number(new URL(inject('stack').bus!).port));
  const options = { clock: systemClock, logger: quietLogger, eventsPerChat: EVENTS_PER_CHAT };
  const bus = await createRedisBus({ url: proxy.url, ...options });
  return {
    bus,
    eventsPerChat: EVENTS_PER_CHAT,
    elapse: (ms) => systemClock.sleep(ms),
    async loseConnection(instance) {
      const channel = `garam:to:${instance}`;
      const restore = proxy.cut(`ssubscribe\r\n$${channel.length}\r\n${channel}`);
      return async () => restore();
    },
    async makeUnreachable() {
      const restore = proxy.cut();
      return async () => restore();
    },
    async dispose() {
      await bus.close();
      await proxy.close();
    },
  };
}
