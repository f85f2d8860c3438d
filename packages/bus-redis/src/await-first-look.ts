import { BusError } from '@garam/bus/bus';
import { withDeadline } from '@garam/runtime/deadline';
import { whenReady, type RedisClient } from './open-client.ts';
import type { RedisBusSettings } from './redis-bus-options.ts';

const REFUSAL = /WRONGPASS|NOAUTH|NOPERM|invalid password/i;

/** Waits until commands can be sent, not for ever. @throws BusError when Redis refuses us */
export async function awaitFirstLook(client: RedisClient, settings: RedisBusSettings): Promise<void> {
  const { clock, logger, connectTimeoutMs } = settings;
  let lastError: Error | undefined;
  let refuse: (refusal: BusError) => void;
  const refused = new Promise<never>((_, reject) => (refuse = reject));
  const note = (error: Error & { lastNodeError?: Error }) => {
    lastError = error.lastNodeError ?? error;
    if (REFUSAL.test(lastError.message)) refuse(new BusError('redis refuses us', { cause: lastError }));
  };
  client.on('error', note);
  try {
    await withDeadline(
      Promise.race([whenReady(client), refused]),
      connectTimeoutMs,
      clock,
      () => new Error('no answer'),
    );
  } catch (error) {
    if (error instanceof BusError) {
      client.disconnect();
      throw error;
    }
    logger.warn({ err: lastError }, 'redis is out of reach, going on without');
  } finally {
    client.off('error', note);
  }
}
