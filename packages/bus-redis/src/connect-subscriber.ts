import { withDeadline } from '@garam/runtime/deadline';
import { Redis } from 'ioredis';
import { connectionOptions } from './open-client.ts';
import { nodeOf, type RedisAddress, type RedisNode } from './redis-address.ts';
import type { RedisBusSettings } from './redis-bus-options.ts';

export interface SubscriberHandlers {
  message(bytes: Buffer): void;
  /** Once: nothing comes any more. */
  ended(): void;
}

export interface Subscriber {
  close(): void;
}

const REDIRECTIONS_MAX = 5;

/**
 * One connection that listens to one channel, on the node that serves it. The connection proves itself by subscribing
 * again and again: no answer means that it is half-open, MOVED that the channel is elsewhere now. It ends rather than
 * being restored: whoever owns it must hear of the loss.
 * @throws Error: not subscribed
 */
export async function connectSubscriber(
  channel: string,
  seed: RedisNode,
  context: { address: RedisAddress; settings: RedisBusSettings },
  handlers: SubscriberHandlers,
): Promise<Subscriber> {
  let node = seed;
  for (let redirections = 0; ; redirections++) {
    const client = openSubscriber(node, context.address, context.settings);
    try {
      return await subscribe(client, channel, context.settings, handlers);
    } catch (error) {
      client.disconnect();
      const moved = /^MOVED \d+ (.*)$/.exec(error instanceof Error ? error.message : '');
      if (moved === null || redirections >= REDIRECTIONS_MAX) throw error;
      node = movedTo(moved[1]!, node);
    }
  }
}

/** A server that does not know its own name leaves the host out: it is the one that was asked. */
function movedTo(target: string, asked: RedisNode): RedisNode {
  const at = target.lastIndexOf(':');
  const host = target.slice(0, at).replaceAll(/^\[|\]$/g, '');
  return host === '' ? { host: asked.host, port: Number(target.slice(at + 1)) } : nodeOf(hostPort(host, target, at));
}

function hostPort(host: string, target: string, at: number): string {
  return `${host.includes(':') ? `[${host}]` : host}${target.slice(at)}`;
}

function openSubscriber(node: RedisNode, address: RedisAddress, settings: RedisBusSettings): Redis {
  const client = new Redis({
    ...connectionOptions(address, settings),
    ...node,
    db: address.db,
    lazyConnect: true,
    enableOfflineQueue: false,
    retryStrategy: () => null,
  });
  client.on('error', (error: Error) => settings.logger.debug({ err: error }, 'no subscription to redis'));
  return client;
}

async function subscribe(
  client: Redis,
  channel: string,
  settings: RedisBusSettings,
  handlers: SubscriberHandlers,
): Promise<Subscriber> {
  const { clock, commandTimeoutMs, connectTimeoutMs, watchIntervalMs } = settings;
  const late = () => new Error('redis did not answer');
  await withDeadline(client.connect(), connectTimeoutMs, clock, late);
  client.on('smessageBuffer', (_channel: Buffer, bytes: Buffer) => handlers.message(bytes));
  const prove = () => withDeadline(client.ssubscribe(channel), commandTimeoutMs, clock, late);
  const end = () => client.disconnect();
  client.once('moved', end);
  await prove();
  if (client.status !== 'ready') throw new Error('the connection ended');
  let isProving = false;
  const stopProving = clock.every(watchIntervalMs, () => {
    if (isProving) return;
    isProving = true;
    prove().then(() => (isProving = false), end);
  });
  let isEnded = false;
  client.once('close', () => {
    stopProving();
    if (!isEnded) handlers.ended();
    isEnded = true;
  });
  return {
    close() {
      isEnded = true;
      stopProving();
      client.removeAllListeners('smessageBuffer');
      client.disconnect();
    },
  };
}
