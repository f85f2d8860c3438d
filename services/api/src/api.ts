import type { AddressInfo } from 'node:net';
import type { Subscription } from '@garam/bus/bus';
import type { Readiness } from '@garam/service/service';
import type { Api, ApiDeps, ApiOptions } from './api-deps.ts';
import { buildServer } from './build-server.ts';
import { createApiMetrics } from './metrics.ts';
import { subscribeAnswers } from './subscribe-answers.ts';

const DRAIN_POLL_MS = 20;
/** A clock further from the log's than this could refuse or double what callers repeat. */
const CLOCK_UNCERTAINTY_MAX_MS = 5_000;

/** The HTTP edge: every command as `POST /v1/{t}`, administration, the web client. */
export function createApi(deps: ApiDeps, options: ApiOptions): Api {
  const { clock, intake } = deps;
  const load = { inFlight: 0 };
  let state: 'new' | 'serving' | 'draining' | 'stopped' = 'new';
  let answers: Subscription | undefined;
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
    return clockUncertaintyMs !== null && clockUncertaintyMs > CLOCK_UNCERTAINTY_MAX_MS
      ? { ready: false, reason: 'the clock differs from the log by an unknown amount' }
      : { ready: true };
  }

  async function start(): Promise<void> {
    if (options.ownsIntake) answers = await subscribeAnswers(deps.bus, intake);
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
    await answers?.close();
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
