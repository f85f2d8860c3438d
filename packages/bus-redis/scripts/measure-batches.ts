/**
 * What a batch of fanout costs this process: remember, find the routes, publish. One message per chat, one gateway.
 * `node packages/bus-redis/scripts/measure-batches.ts redis://127.0.0.1:6379`
 */
import type { Bus, RouteKey } from '@garam/bus/bus';
import type { EventRecord } from '@garam/contracts/event-record';
import { systemClock } from '@garam/runtime/system-clock';
import { quietLogger } from '@garam/telemetry/logger';
import { eventAt } from '@garam/testkit/bus-values';
import { createRedisBus } from '../src/create-redis-bus.ts';

const CHATS = 100;
const MESSAGES = 20_000;
const url = process.argv[2] ?? 'redis://127.0.0.1:6379';
const bus = await createRedisBus({
  url,
  clock: systemClock,
  logger: quietLogger,
  keyPrefix: `measure-${process.pid}:`,
});
const chats = Array.from({ length: CHATS }, (_, index) => `chat-${index}`);
await bus.routes.add(chats.map(routeOf), 'gateway', 60_000);
let rev = 0;
for (const size of [100, 1, 10, 100]) console.log(await measure(bus, size));
await bus.close();

function routeOf(chat: string): RouteKey {
  return `chat:${chat}`;
}

function nextBatch(size: number): EventRecord[] {
  return Array.from({ length: size }, () => eventAt(`chat-${++rev % CHATS}`, rev));
}

async function measure(bus: Bus, size: number) {
  const rounds = Math.min(MESSAGES / size, 3_000);
  const started = process.cpuUsage();
  const startedAt = performance.now();
  for (let round = 0; round < rounds; round++) {
    const events = nextBatch(size);
    await bus.recent.appendAll(events);
    await bus.routes.get([...new Set(events.map(({ chat }) => routeOf(chat)))]);
    await bus.publish(
      'gateway',
      events.map((event) => ({ kind: 'event', event })),
    );
  }
  const { user, system } = process.cpuUsage(started);
  const messages = rounds * size;
  return {
    batch: size,
    cpuMicrosPerMessage: Math.round(((user + system) / messages) * 10) / 10,
    roundTripsPerMessage: 3 / size,
    msPerBatch: Math.round(((performance.now() - startedAt) / rounds) * 100) / 100,
  };
}
