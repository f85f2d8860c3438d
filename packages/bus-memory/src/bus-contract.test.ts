import { busContract } from '@garam/testkit/bus-contract';
import { createManualClock } from '@garam/testkit/manual-clock';
import { createMemoryBus } from './create-memory-bus.ts';

busContract('memory', async () => {
  const clock = createManualClock();
  const bus = createMemoryBus({ clock, eventsPerChat: 100 });
  return {
    bus,
    eventsPerChat: 100,
    elapse: (ms) => clock.advance(ms),
    loseConnection: async (instance) => {
      const restore = bus.loseConnection(instance);
      return async () => restore();
    },
    makeUnreachable: async () => {
      bus.setReachable(false);
      return async () => bus.setReachable(true);
    },
    dispose: () => bus.close(),
  };
});
