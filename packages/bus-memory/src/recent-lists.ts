/** Lists of the newest entries per key, bounded each, and together by number of keys and of entries. */
export interface RecentLists<T> {
  /** The key's entries, oldest first; undefined when there are none. Not to be changed. */
  get(key: string): readonly T[] | undefined;
  /** Adds at its place in the order of `compare`, unless the same one is there. */
  add(key: string, added: T): void;
}

export interface RecentListsOptions<T> {
  /** Newest entries of a key that are surely kept; up to twice as many are. */
  entriesPerKey: number;
  keysMax: number;
  /** Entries of all keys together. */
  entriesMax: number;
  /** Below 0: the entry belongs before the added one; 0: they are the same. Asked from the newest entry on. */
  compare(entry: T, added: T): number;
}

/** Beyond a bound the key that was added to least recently is forgotten. */
export function createRecentLists<T>(options: RecentListsOptions<T>): RecentLists<T> {
  const { entriesPerKey, compare } = options;
  const lists = new Map<string, T[]>();
  let entries = 0;

  function add(key: string, added: T): void {
    const list = lists.get(key) ?? [];
    lists.delete(key);
    lists.set(key, list);
    let index = list.length;
    for (; index > 0; index--) {
      const order = compare(list[index - 1]!, added);
      if (order === 0) return;
      if (order < 0) break;
    }
    if (index === list.length) list.push(added);
    else list.splice(index, 0, added);
    entries++;
    if (list.length >= 2 * entriesPerKey) entries -= list.splice(0, list.length - entriesPerKey).length;
    forgetOldest();
  }

  function forgetOldest(): void {
    while (lists.size > 1 && (lists.size > options.keysMax || entries > options.entriesMax)) {
      const [key, list] = lists.entries().next().value!;
      entries -= list.length;
      lists.delete(key);
    }
  }

  return { get: (key) => lists.get(key), add };
}
