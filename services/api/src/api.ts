import type { AddressInfo } from 'node:net';
import { createAnswerLink } from '@garam/intake/answer-link';
import type { Readiness } from '@garam/service/service';
import type { Api, ApiDeps, ApiOptions } from './api-deps.ts';
import { buildServer } from './build-server.ts';
import { createApiMetrics } from './metrics.ts';

const DRAIN_POLL_MS = 20;
/** A clock further from the log's than this could refuse or double what callers repeat. */
const CLOCK_UNCERTAINTY_MAX_MS = 5_000;

/** The HTTP edge: every command as `POST /v1/{t}`, administration, the web client. */
export function createApi(deps: ApiDeps, options: ApiOptions): Api {
  const { clock, intake } = deps;
  const load = { inFlight: 0 };
  let state: 'new' | 'serving' | 'draining' | 'stopped' = 'new';
  const { log, bus, logger } = deps;
  const failed = (error: unknown) => logger.debug({ err: error }, 'answers cannot be heard or read yet');
  const answers = options.ownsIntake ? createAnswerLink({ log, bus, clock, intake, failed }) : undefined;
  const metrics = createApiMetrics(deps.meter, () => load.inFlight);
  const app = buildServer({ ...deps, metrics }, options);
  const { server } = app;
  server.on('request', (_request, response) => {
    load.inFlight += 1;
    response.once('close', () => (load.inFlight -= 1));
    if (state === 'draining') response.setHeader('connection', 'close');
  });

  function readiness(): Readiness {
    if (state !== 'serving') return { ready: false, reason: state };
    const { clockUncertaintyMs } = intake.load();
    if (clockUncertaintyMs !== null && clockUncertaintyMs > CLOCK_UNCERTAINTY_MAX_MS)
      return { ready: false, reason: 'the clock differs from the log by an unknown amount' };
    const tailing = answers?.tailing ?? 0;
    return tailing === 0
      ? { ready: true }
      : { ready: true, degraded: `bus or fanout out of order: ${tailing} partitions of the log are read here` };
  }

  async function start(): Promise<void> {
    await answers?.start();
    await app.listen({ host: options.host, port: options.port });
    state = 'serving';
  }

  async function drain(graceMs: number): Promise<void> {
    if (state !== 'serving') return;
    state = 'draining';
    const until = clock.monotonic() + graceMs;
    while (load.inFlight > 0 && clock.monotonic() < until) await clock.sleep(DRAIN_POLL_MS);
  }

  async function stop(): Promise<void> {
    if (state === 'stopped') return;
    state = 'stopped';
    if (options.ownsIntake) intake.stop();
    await app.close();
    await answers?.stop();
  }

  return {
    name: 'api',
    server,
    port: () => (server.address() as AddressInfo).port,
    start,
    drain,
    stop,
    readiness,
  };
}
