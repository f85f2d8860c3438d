import { BusError, type BusListener, type Subscription } from '@garam/bus/bus';
import { backoffDelayMs } from '@garam/runtime/backoff';
import type { Cancel } from '@garam/runtime/clock';
import { withDeadline } from '@garam/runtime/deadline';
import type { BusMetrics } from './bus-metrics.ts';
import { connectSubscriber, type Subscriber } from './connect-subscriber.ts';
import { decodeEntries } from './entry-codec.ts';
import type { RedisAddress } from './redis-address.ts';
import type { RedisBusSettings } from './redis-bus-options.ts';

export interface ChannelDeps {
  address: RedisAddress;
  settings: RedisBusSettings;
  metrics: BusMetrics;
}

interface Entry {
  listener: BusListener;
  /** Set while the listener waits for its first confirmation: until then it is told nothing. */
  confirmed?: () => void;
}

const RECONNECT = { baseMs: 50, maxMs: 1_000 };

/**
 * All listeners of this process to one channel, on one connection that is made again for as long as there are any.
 * A listener hears `lost(true)` when the connection ends, and once per loss, after the server has confirmed the new
 * subscription, `lost(false)` and `resubscribed()`.
 */
export class Channel {
  readonly #name: string;
  readonly #deps: ChannelDeps;
  readonly #onEmpty: () => void;
  readonly #entries = new Set<Entry>();
  #subscriber: Subscriber | undefined;
  #cancelReconnect: Cancel | undefined;
  #attempt = 0;
  #nextNode = 0;
  #isClosed = false;

  /** @param onEmpty called once, when the last listener is gone and the channel has closed itself */
  constructor(name: string, deps: ChannelDeps, onEmpty: () => void) {
    this.#name = name;
    this.#deps = deps;
    this.#onEmpty = onEmpty;
    this.#connect();
  }

  /** Resolves when the subscription is confirmed by the server. @throws BusError */
  async add(listener: BusListener): Promise<Subscription> {
    const entry: Entry = { listener };
    this.#entries.add(entry);
    if (this.#subscriber === undefined) {
      const { clock, connectTimeoutMs } = this.#deps.settings;
      const confirmed = new Promise<void>((resolve) => (entry.confirmed = resolve));
      const late = () => new BusError('redis did not confirm the subscription in time');
      try {
        await withDeadline(confirmed, connectTimeoutMs, clock, late);
      } catch (error) {
        this.#remove(entry);
        throw error;
      }
    }
    return { close: async () => this.#remove(entry) };
  }

  close(): void {
    this.#isClosed = true;
    this.#entries.clear();
    this.#cancelReconnect?.();
    this.#subscriber?.close();
    this.#subscriber = undefined;
  }

  #connect(): void {
    const { address, settings } = this.#deps;
    const seed = address.nodes[this.#nextNode++ % address.nodes.length]!;
    const handlers = { message: (bytes: Buffer) => this.#message(bytes), ended: () => this.#ended() };
    connectSubscriber(this.#name, seed, { address, settings }, handlers).then(
      (made) => this.#connected(made),
      (error: unknown) => {
        settings.logger.debug({ err: error, channel: this.#name }, 'could not subscribe');
        this.#reconnect();
      },
    );
  }

  #reconnect(): void {
    if (this.#isClosed) return;
    const { clock } = this.#deps.settings;
    const delayMs = 20 + backoffDelayMs(this.#attempt++, RECONNECT, () => clock.random());
    this.#cancelReconnect = clock.after(delayMs, () => this.#connect());
  }

  #connected(subscriber: Subscriber): void {
    if (this.#isClosed) return subscriber.close();
    this.#subscriber = subscriber;
    this.#attempt = 0;
    for (const entry of this.#entries) {
      if (entry.confirmed === undefined) {
        this.#tell(entry, (listener) => {
          listener.lost?.(false);
          listener.resubscribed();
        });
      } else {
        entry.confirmed();
        delete entry.confirmed;
      }
    }
  }

  #message(bytes: Buffer): void {
    const { entries, unreadable } = decodeEntries(bytes);
    if (unreadable > 0) {
      this.#deps.metrics.unreadableEntries.add(unreadable);
      this.#deps.settings.logger.warn({ channel: this.#name, unreadable }, 'entries of the bus cannot be read');
    }
    if (entries.length > 0) this.#tellAll((listener) => listener.entries(entries));
  }

  #ended(): void {
    this.#subscriber = undefined;
    this.#deps.metrics.losses.add(1);
    this.#deps.settings.logger.warn({ channel: this.#name }, 'the subscription is lost');
    this.#reconnect();
    this.#tellAll((listener) => listener.lost?.(true));
  }

  #tellAll(say: (listener: BusListener) => void): void {
    for (const entry of this.#entries) if (entry.confirmed === undefined) this.#tell(entry, say);
  }

  #tell(entry: Entry, say: (listener: BusListener) => void): void {
    try {
      say(entry.listener);
    } catch (error) {
      this.#deps.settings.logger.error({ err: error, channel: this.#name }, 'a listener of the bus failed');
    }
  }

  #remove(entry: Entry): void {
    if (!this.#entries.delete(entry) || this.#entries.size > 0) return;
    this.close();
    this.#onEmpty();
  }
}
