import { keySlot } from './key-slot.ts';

/** Keys that one script may take together: all on one node, and few enough not to hold up the server. */
export interface KeyGroup {
  keys: string[];
  /** Where each key stood among those given. */
  places: number[];
}

/** Keys of one script: about a tenth of a millisecond of the server's time. */
const KEYS_MAX = 128;

/** On one server all keys go together, on a cluster those of one slot. */
export function groupKeys(keys: readonly string[], isCluster: boolean): KeyGroup[] {
  const groups: KeyGroup[] = [];
  const open = new Map<number, KeyGroup>();
  for (const [place, key] of keys.entries()) {
    const slot = isCluster ? keySlot(key) : 0;
    let group = open.get(slot);
    if (group === undefined || group.keys.length >= KEYS_MAX) {
      group = { keys: [], places: [] };
      groups.push(group);
      open.set(slot, group);
    }
    group.keys.push(key);
    group.places.push(place);
  }
  return groups;
}
