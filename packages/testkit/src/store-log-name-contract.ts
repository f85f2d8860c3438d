import { describe, expect, it } from 'vitest';
import type { StoreProbe } from './store-contract.ts';
import { everyOrder, inOrder } from './store-orders.ts';

const AT = 1_795_000_000_000;

export function logNameContract(probe: StoreProbe): void {
  describe('names of logs', () => {
    it('are those last put, whatever the order of the writes; a log nobody named has none', async () => {
      const { logNames } = probe.store;
      for (const order of everyOrder([0, 1, 2])) {
        const log = probe.fresh('log');
        expect(await logNames.find(log)).toBeNull();
        const steps = [
          () => logNames.put(log, { name: 'old', isComplete: false }, AT),
          () => logNames.put(log, { name: 'newer', isComplete: false }, AT + 1),
          () => logNames.put(log, { name: 'newest', isComplete: true }, AT + 2),
        ];
        await inOrder(order.map((index) => steps[index]!));
        expect(await logNames.find(log)).toStrictEqual({ name: 'newest', isComplete: true });
      }
    });
  });
}
