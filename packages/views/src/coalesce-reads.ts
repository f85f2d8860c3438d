export interface Coalescer {
  /** Joins a read of the same key that is under way, or starts one. The result is shared: never change it. */
  read<T>(key: string, start: () => Promise<T>): Promise<T>;
}

/** One query in flight per page, however many ask for it. Keys name the head they were asked under. */
export function createCoalescer(): Coalescer {
  const inFlight = new Map<string, Promise<unknown>>();
  return {
    read<T>(key: string, start: () => Promise<T>): Promise<T> {
      const joined = inFlight.get(key);
      if (joined !== undefined) return joined as Promise<T>;
      const started = start().finally(() => inFlight.delete(key));
      inFlight.set(key, started);
      return started;
    },
  };
}
