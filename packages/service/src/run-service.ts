import { createServer } from 'node:http';
import type { Logger } from '@garam/telemetry/logger';
import { healthHandler } from './health.ts';
import { ConfigError, type Environment } from './load-config.ts';
import type { Service } from './service.ts';

/** What a service's compose.ts hands to the runner. */
export interface RunningService {
  service: Service;
  logger: Logger;
  renderMetrics(): Promise<string>;
  /** Port of `/livez`, `/readyz`, `/metrics`; undefined: the service serves them itself. */
  healthPort?: number;
  /** Time a SIGTERM leaves for work under way, ms. */
  drainMs: number;
  /** Closes adapters after the service has stopped. */
  close(): Promise<void>;
}

/** Exit codes: 0 after a wanted end, 78 for an unusable configuration, 1 for anything else. */
const EXIT_CONFIG = 78;

/**
 * Runs one service as a process: start, drain on SIGTERM within its grace, at once on SIGINT or a second SIGTERM,
 * and exit with a code that tells why. Never returns before the process is to end.
 */
export async function runService(
  compose: (environment: Environment) => Promise<RunningService>,
  environment: Environment,
): Promise<void> {
  const running = await compose(environment).catch((error: unknown) => fail(error));
  const { service, logger } = running;
  process.on('unhandledRejection', (error) => die(logger, error, 'unhandled rejection'));
  process.on('uncaughtException', (error) => die(logger, error, 'uncaught exception'));
  const health =
    running.healthPort === undefined
      ? undefined
      : createServer(healthHandler({ services: [service], renderMetrics: () => running.renderMetrics() })).listen(
          running.healthPort,
        );
  const stopped = stopOnSignals(running).then(() => health?.close());
  try {
    await service.start();
    logger.info('started');
  } catch (error) {
    die(logger, error, 'could not start');
  }
  await stopped;
  process.exit(0);
}

/** Resolves when a signal has ended the service. */
function stopOnSignals(running: RunningService): Promise<void> {
  const { service, logger } = running;
  return new Promise((resolve) => {
    let stopping: Promise<void> | undefined;
    const stop = () => {
      stopping ??= service
        .stop()
        .then(() => running.close())
        .catch((error: unknown) => die(logger, error, 'could not stop cleanly'))
        .then(resolve);
    };
    let draining = false;
    process.on('SIGINT', stop);
    process.on('SIGTERM', () => {
      if (draining) return stop();
      draining = true;
      logger.info({ drainMs: running.drainMs }, 'draining');
      service.drain(running.drainMs).then(stop, stop);
    });
  });
}

function die(logger: Logger, error: unknown, text: string): never {
  logger.fatal({ err: error }, text);
  process.exit(1);
}

function fail(error: unknown): never {
  process.stderr.write(
    `${error instanceof ConfigError ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exit(error instanceof ConfigError ? EXIT_CONFIG : 1);
}
