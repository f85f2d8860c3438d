import { BusError } from '@garam/bus/bus';
import { withDeadline } from '@garam/runtime/deadline';
import { BreakerOpen, type Breaker } from '@garam/runtime/circuit-breaker';
import type { BusMetrics } from './bus-metrics.ts';
import type { RedisBusSettings } from './redis-bus-options.ts';

/** Every way to the commands of Redis leads through here: bounds, deadline, breaker and errors are the same for all. */
export interface RedisCalls {
  /**
   * Starts the commands of one call. `bytes`: what they carry, where it is much.
   * @throws BusError: out of reach, too slow, or too much is waiting already
   */
  run<T>(cost: { commands: number; bytes?: number }, work: () => Promise<T>): Promise<T>;
  close(): void;
}

interface CallDeps {
  settings: RedisBusSettings;
  breaker: Breaker;
  metrics: BusMetrics;
}

export function createRedisCalls({ settings, breaker, metrics }: CallDeps): RedisCalls {
  const { clock, commandTimeoutMs, commandsMax, bytesMax } = settings;
  let isClosed = false;
  let commandsWaiting = 0;
  let bytesWaiting = 0;

  /** Counted until the answers are there, also when the caller has been told long ago that it takes too long. */
  async function counted<T>(commands: number, bytes: number, work: () => Promise<T>): Promise<T> {
    commandsWaiting += commands;
    bytesWaiting += bytes;
    metrics.commands.add(commands);
    try {
      return await work();
    } finally {
      commandsWaiting -= commands;
      bytesWaiting -= bytes;
    }
  }

  async function run<T>({ commands, bytes = 0 }: { commands: number; bytes?: number }, work: () => Promise<T>) {
    if (isClosed) throw new BusError('the bus is closed');
    const isEmpty = commandsWaiting === 0;
    if (!isEmpty && (commandsWaiting + commands > commandsMax || bytesWaiting + bytes > bytesMax)) {
      metrics.refused.add(1);
      throw new BusError('too many commands wait for redis');
    }
    try {
      return await breaker.run(() =>
        withDeadline(
          counted(commands, bytes, work),
          commandTimeoutMs,
          clock,
          () => new BusError(`redis did not answer within ${commandTimeoutMs} ms`),
        ),
      );
    } catch (error) {
      metrics.failures.add(1);
      throw toBusError(error);
    }
  }

  return {
    run,
    close() {
      isClosed = true;
    },
  };
}

function toBusError(error: unknown): BusError {
  if (error instanceof BusError) return error;
  if (error instanceof BreakerOpen) return new BusError('redis was out of reach a moment ago', { cause: error });
  const message = error instanceof Error ? error.message : String(error);
  return new BusError(`redis: ${message}`, { cause: error });
}
