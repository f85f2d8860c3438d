import type { Bus, Subscription } from '@garam/bus/bus';
import { BROADCAST, type BusEntry } from '@garam/contracts/bus-entry';
import { backoffDelayMs } from '@garam/runtime/backoff';
import type { Clock } from '@garam/runtime/clock';

/** What the bus brings to an edge: its own channel and the one all of them hear. */
export interface BusLink {
  /** Resolves when subscribed, or when that has failed once: then it goes on trying. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Not subscribed, or not known to be. */
  readonly isLost: boolean;
}

export interface BusLinkDeps {
  bus: Pick<Bus, 'subscribe'>;
  instance: string;
  clock: Clock;
  entries(entries: readonly BusEntry[]): void;
  /** True: something may be missing from now on. False: it is there again, and what was missed is to be made up for. */
  lost(isLost: boolean): void;
  /** A channel cannot be subscribed to; it is tried again. */
  failed(error: unknown): void;
}

const BACKOFF = { baseMs: 200, maxMs: 2_000 };

export function createBusLink(deps: BusLinkDeps): BusLink {
  const { bus, clock } = deps;
  const names = [deps.instance, BROADCAST];
  const subscriptions: Subscription[] = [];
  const stopping = new AbortController();
  const missing = new Set<string>();

  async function subscribe(name: string): Promise<void> {
    const subscription = await bus.subscribe(name, {
      entries: (entries) => deps.entries(entries),
      lost(isLost) {
        if (isLost) lose(name);
      },
      resubscribed: () => regain(name),
    });
    if (stopping.signal.aborted) await subscription.close();
    else subscriptions.push(subscription);
  }

  function lose(name: string): void {
    missing.add(name);
    deps.lost(true);
  }

  function regain(name: string): void {
    missing.delete(name);
    if (missing.size === 0) deps.lost(false);
  }

  async function subscribeUntilDone(name: string): Promise<void> {
    for (let failures = 1; !stopping.signal.aborted; failures++) {
      await clock.sleep(backoffDelayMs(failures, BACKOFF, clock.random) + 1, stopping.signal);
      if (stopping.signal.aborted) return;
      try {
        await subscribe(name);
        return regain(name);
      } catch (error) {
        deps.failed(error);
      }
    }
  }

  return {
    get isLost() {
      return missing.size > 0;
    },
    async start() {
      const starting = names.map((name) =>
        subscribe(name).catch((error: unknown) => {
          deps.failed(error);
          lose(name);
          void subscribeUntilDone(name);
        }),
      );
      await Promise.all(starting);
    },
    async stop() {
      stopping.abort();
      await Promise.all(subscriptions.map((subscription) => subscription.close().catch(() => undefined)));
    },
  };
}
