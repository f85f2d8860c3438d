import type { RouteKey, Routes } from '@garam/bus/bus';

/** Keys in one call to the bus. */
const KEYS_MAX = 1_000;

interface Waiter {
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * This gateway's routes. Writes go one call after the other, each with all that has been asked for meanwhile: so adding
 * and removing one route never overtake each other.
 */
export class RouteTable {
  readonly #routes: Routes;
  readonly #instance: string;
  readonly #leaseMs: number;
  /** Routes that should exist. */
  readonly #wanted = new Set<RouteKey>();
  /** Of these, what no write has been acknowledged for. */
  readonly #unwritten = new Set<RouteKey>();
  #adding = new Set<RouteKey>();
  #removing = new Set<RouteKey>();
  #waiters: Waiter[] = [];
  #running = false;

  constructor(routes: Routes, options: { instance: string; leaseMs: number }) {
    this.#routes = routes;
    this.#instance = options.instance;
    this.#leaseMs = options.leaseMs;
  }

  get size(): number {
    return this.#wanted.size;
  }

  /** Every route that should exist has been written. */
  get isWritten(): boolean {
    return this.#unwritten.size === 0;
  }

  /** Adds the keys without a call to the bus: `renew` writes them. */
  want(keys: readonly RouteKey[]): void {
    for (const key of keys) {
      if (!this.#wanted.has(key)) this.#unwritten.add(key);
      this.#wanted.add(key);
      this.#removing.delete(key);
    }
  }

  /** Resolves when all of the keys have been written after this call; those that could not are written by `renew`. @throws BusError */
  async add(keys: readonly RouteKey[]): Promise<void> {
    if (keys.length === 0) return;
    this.want(keys);
    for (const key of keys) this.#adding.add(key);
    await new Promise<void>((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      void this.#run();
    });
  }

  /** A route that cannot be removed ends with its lease. */
  remove(keys: readonly RouteKey[]): void {
    for (const key of keys) {
      if (!this.#wanted.delete(key)) continue;
      this.#unwritten.delete(key);
      this.#adding.delete(key);
      this.#removing.add(key);
    }
    void this.#run();
  }

  /** Renews all leases; resolves with the routes that had been lost. @throws BusError */
  async renew(): Promise<RouteKey[]> {
    const lost: RouteKey[] = [];
    const keys = [...this.#wanted];
    for (let start = 0; start < keys.length; start += KEYS_MAX) {
      const batch = keys.slice(start, start + KEYS_MAX).filter((key) => this.#wanted.has(key));
      const missing = await this.#routes.add(batch, this.#instance, this.#leaseMs);
      for (const key of batch) {
        this.#unwritten.delete(key);
        if (!this.#wanted.has(key)) this.#removing.add(key);
      }
      lost.push(...missing.filter((key) => this.#wanted.has(key)));
    }
    if (this.#removing.size > 0) void this.#run();
    return lost;
  }

  /** Removes all; best effort. */
  async removeAll(): Promise<void> {
    const keys = [...this.#wanted];
    this.#wanted.clear();
    for (let start = 0; start < keys.length; start += KEYS_MAX)
      await this.#routes.remove(keys.slice(start, start + KEYS_MAX), this.#instance);
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    while (this.#waiters.length > 0 || this.#removing.size > 0) {
      const waiters = this.#waiters;
      this.#waiters = [];
      try {
        await this.#writeOnce();
        for (const waiter of waiters) waiter.resolve();
      } catch (error) {
        for (const waiter of waiters) waiter.reject(error);
      }
    }
    this.#running = false;
  }

  async #writeOnce(): Promise<void> {
    const adding = [...this.#adding];
    const removing = [...this.#removing];
    this.#adding = new Set();
    this.#removing = new Set();
    if (removing.length > 0) await this.#routes.remove(removing, this.#instance).catch(() => {});
    for (let start = 0; start < adding.length; start += KEYS_MAX) {
      const batch = adding.slice(start, start + KEYS_MAX);
      await this.#routes.add(batch, this.#instance, this.#leaseMs);
      for (const key of batch) this.#unwritten.delete(key);
    }
  }
}
