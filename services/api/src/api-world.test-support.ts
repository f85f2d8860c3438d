import { createDevIssuer } from '@garam/auth/dev-issuer';
import { signDevToken } from '@garam/auth/sign-dev-token';
import { createVerifier } from '@garam/auth/verifier';
import { createMemoryBus } from '@garam/bus-memory/create-memory-bus';
import { createSqliteEventLog } from '@garam/eventlog-sqlite/create-sqlite-event-log';
import { createIntake } from '@garam/intake/create-intake';
import { openSqlite } from '@garam/sqlite/open-sqlite';
import { createSqliteStore } from '@garam/store-sqlite/sqlite-store';
import { quietLogger } from '@garam/telemetry/logger';
import { noopMeter } from '@garam/telemetry/meter';
import { createManualClock } from '@garam/testkit/manual-clock';
import { createViews } from '@garam/views/create-views';
import { answerCommands } from './answering-log.test-support.ts';
import type { ApiDeps, ApiOptions } from './api-deps.ts';
import { buildServer } from './build-server.ts';
import { createApiMetrics } from './metrics.ts';

const SECRET = 'a-secret-of-at-least-32-characters!';

/** The api without a socket, on everything real in memory, answered by the real rules. */
export function createApiWorld(options: Partial<ApiOptions> = {}, extra: Partial<ApiDeps> = {}) {
  const clock = createManualClock();
  const file = openSqlite(':memory:', { clock });
  const log = createSqliteEventLog(file, { clock, partitions: 1 });
  const store = createSqliteStore(file);
  const bus = createMemoryBus({ clock });
  const sources = { reads: store.reads, users: store.users, recent: bus.recent, clock };
  const intake = createIntake({ ...sources, log, meter: noopMeter }, { origin: 'api1' });
  answerCommands({ log, writes: store.writes, intake });
  const app = buildServer(
    {
      log,
      store,
      bus,
      intake,
      views: createViews(sources),
      verifier: createVerifier({ clock }, { secret: SECRET }),
      clock,
      logger: quietLogger,
      meter: noopMeter,
      metrics: createApiMetrics(noopMeter, () => 0),
      devIssuer: createDevIssuer({ clock }, { secret: SECRET }),
      ...extra,
    },
    {
      host: '127.0.0.1',
      port: 0,
      ownsIntake: false,
      bodyBytes: 65_536,
      bigChat: 100,
      allowedOrigins: [],
      rates: null,
      ...options,
    },
  );

  const tokenOf = (user: string, scope?: string) =>
    signDevToken({ secret: SECRET, user, now: clock.now(), ttlS: 3_600, ...(scope === undefined ? {} : { scope }) });

  /** One call as `user`; `service:shop` stands for a token of shop with the scope `service`. */
  async function call(user: string, type: string, body: object = {}, headers: Record<string, string> = {}) {
    const isService = user.startsWith('service:');
    const token = await (isService ? tokenOf(user.slice('service:'.length), 'service') : tokenOf(user));
    const answer = await app.inject({
      method: 'POST',
      url: `/v1/${type}`,
      headers: { authorization: `Bearer ${token}`, ...headers },
      payload: body,
    });
    return { status: answer.statusCode, headers: answer.headers, body: answer.json<Record<string, unknown>>() };
  }

  return { clock, log, store, bus, intake, app, call };
}
