import { createServer, type Server } from 'node:http';
import { systemClock } from '@garam/runtime/system-clock';
import type { Logger } from '@garam/telemetry/logger';
import { healthHandler } from './health.ts';
import { ConfigError, type Environment } from './load-config.ts';
import type { Readiness, Service } from './service.ts';

/** A process as its compose.ts describes it: configured, nothing opened yet. */
export interface ServiceProcess {
  logger: Logger;
  renderMetrics(): Promise<string>;
  /** Port of `/livez`, `/readyz`, `/metrics`, answering from before `open`; undefined: the service serves them itself. */
  healthPort?: number;
  /** Time a SIGTERM leaves for work under way, ms. */
  drainMs: number;
  /** Reaches what the service stands on and makes the service, not started yet. */
  open(): Promise<OpenService>;
}

export interface OpenService {
  service: Service;
  /** Closes adapters after the service has stopped. */
  close(): Promise<void>;
}

/** Exit codes: 0 after a wanted end, 78 for an unusable configuration, 1 for anything else. */
const EXIT_CONFIG = 78;
/** What the end may take after the drain: leaving groups, last answers, closing connections. */
const STOP_MS_MAX = 15_000;

/**
 * Runs one service as a process: open, start, drain on SIGTERM within its grace, at once on SIGINT or a second SIGTERM,
 * and exit with a code that tells why. Never returns before the process is to end.
 */
export async function runService(
  compose: (environment: Environment) => Promise<ServiceProcess>,
  environment: Environment,
): Promise<void> {
  const composed = await compose(environment).catch((error: unknown) => fail(error));
  const { logger } = composed;
  process.on('unhandledRejection', (error) => die(logger, error, 'unhandled rejection'));
  process.on('uncaughtException', (error) => die(logger, error, 'uncaught exception'));
  let running: OpenService | undefined;
  const health = await listenHealth(composed, () => running?.service);
  const end = endOnSignals(composed, () => running);
  const start = async (): Promise<void> => {
    running = await composed.open();
    if (!end.hasBegun()) await running.service.start();
    if (!end.hasBegun()) logger.info('started');
  };
  start().catch((error: unknown) => {
    // A start that a signal interrupts fails because of it.
    if (end.hasBegun()) return;
    if (error instanceof ConfigError) fail(error);
    die(logger, error, 'could not start');
  });
  await end.done;
  health?.close();
  process.exit(0);
}

/** The internal port, open before the service is: liveness is told while the adapters are still being reached. */
async function listenHealth(
  { healthPort, renderMetrics }: ServiceProcess,
  service: () => Service | undefined,
): Promise<Server | undefined> {
  if (healthPort === undefined) return undefined;
  const readiness = (): Readiness => service()?.readiness() ?? { ready: false, reason: 'not open yet' };
  const server = createServer(healthHandler({ services: [{ name: 'process', readiness }], renderMetrics }));
  await new Promise<void>((resolve) => server.listen(healthPort, resolve));
  return server;
}

/** Ends the service when a signal asks for it; before it is open there is nothing to end. */
function endOnSignals(
  { logger, drainMs }: ServiceProcess,
  running: () => OpenService | undefined,
): { done: Promise<void>; hasBegun(): boolean } {
  let isDraining = false;
  let stopping: Promise<void> | undefined;
  const done = new Promise<void>((resolve) => {
    const close = async (): Promise<void> => {
      await running()?.service.stop();
      await running()?.close();
    };
    const stop = () => {
      if (stopping !== undefined) return;
      systemClock.after(STOP_MS_MAX, () => die(logger, new Error(`still running after ${STOP_MS_MAX} ms`), 'no end'));
      stopping = close()
        .catch((error: unknown) => die(logger, error, 'could not stop cleanly'))
        .then(resolve);
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', () => {
      if (isDraining) return stop();
      isDraining = true;
      logger.info({ drainMs }, 'draining');
      const drained = running()?.service.drain(drainMs) ?? Promise.resolve();
      drained.then(stop, stop);
    });
  });
  return { done, hasBegun: () => isDraining || stopping !== undefined };
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
