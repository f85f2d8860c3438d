import type { Bus, RouteKey } from '@garam/bus/bus';
import type { BusEntry } from '@garam/contracts/bus-entry';
import type { ReceiptRecord } from '@garam/contracts/receipt-record';

/** Tells the gateways that have a chat open which marks rose: one entry per chat, one batch per gateway. */
export async function publishMarks(bus: Bus, receipts: readonly ReceiptRecord[]): Promise<void> {
  const routes = await bus.routes.get(receipts.map(({ chat }): RouteKey => `chat:${chat}`));
  const batches = new Map<string, BusEntry[]>();
  receipts.forEach(({ chat, marks }, index) => {
    const entry: BusEntry = { kind: 'marks', chat, marks };
    for (const instance of routes[index] ?? []) {
      const batch = batches.get(instance);
      if (batch === undefined) batches.set(instance, [entry]);
      else batch.push(entry);
    }
  });
  await Promise.all([...batches].map(([instance, entries]) => bus.publish(instance, entries)));
}
