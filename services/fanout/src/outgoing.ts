import type { BusEntry } from '@garam/contracts/bus-entry';

/** Entries collected per instance, each instance's in the order they were added. */
export interface Outgoing {
  /** Adds the entry once for each of the instances. */
  add(instances: Iterable<string>, entry: BusEntry): void;
  readonly batches: ReadonlyMap<string, readonly BusEntry[]>;
}

export function createOutgoing(): Outgoing {
  const batches = new Map<string, BusEntry[]>();
  return {
    batches,
    add(instances, entry) {
      for (const instance of instances) {
        const batch = batches.get(instance);
        if (batch === undefined) batches.set(instance, [entry]);
        else batch.push(entry);
      }
    },
  };
}
