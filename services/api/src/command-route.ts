import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CONNECTION_COMMANDS, isCommandType, type CommandType } from '@garam/protocol/commands';
import { Refusal } from '@garam/protocol/errors';
import type { Claims } from '@garam/auth/claims';
import type { UserRates } from '@garam/intake/user-rates';
import { traceparentOr } from '@garam/telemetry/traceparent';
import type { Authenticate } from './authenticate.ts';
import type { Caller } from './caller.ts';
import type { CommandCall } from './command-call.ts';
import type { ApiMetrics } from './metrics.ts';
import { readCall } from './read-call.ts';
import { runCommand, type RunDeps } from './run-command.ts';

export interface CommandRouteDeps extends RunDeps {
  authenticate: Authenticate;
  rates: UserRates;
  metrics: ApiMetrics;
}

interface Begun {
  type: CommandType;
  claims: Claims;
  readAt: number;
  startedAt: number;
}

/** Never refused for their rate. */
const UNLIMITED: ReadonlySet<CommandType> = new Set<CommandType>(['read', 'delivered']);

/** `POST /v1/{t}`: every command of the protocol that is not about a connection. */
export function addCommandRoute(app: FastifyInstance, deps: CommandRouteDeps): void {
  const { clock, authenticate, metrics } = deps;
  const begun = new WeakMap<FastifyRequest, Begun>();

  /** Before the body is read: whether there is such a command, and who asks. */
  async function begin(request: FastifyRequest): Promise<void> {
    const { t } = request.params as { t: string };
    if (!isCommandType(t) || CONNECTION_COMMANDS.has(t)) throw new Refusal('unknown_type');
    const readAt = clock.now();
    const startedAt = clock.monotonic();
    const claims = await authenticate.claims(request.headers.authorization);
    begun.set(request, { type: t, claims, readAt, startedAt });
  }

  async function run(request: FastifyRequest): Promise<object> {
    const { type, claims, readAt } = begun.get(request)!;
    const body: unknown = request.body === undefined ? {} : request.body;
    const by = typeof body === 'object' && body !== null && 'by' in body ? body.by : undefined;
    const caller = await authenticate.caller(claims, by);
    if (!UNLIMITED.has(type)) takeRate(deps.rates, caller, type);
    const call: CommandCall = {
      ...readCall(type, body, headerOf(request, 'idempotency-key')),
      caller,
      readAt,
      traceparent: traceparentOr(headerOf(request, 'traceparent')),
      stillWanted: () => !request.raw.socket.destroyed,
    };
    return runCommand(deps, call);
  }

  async function measure(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const call = begun.get(request);
    if (call === undefined) return;
    const durationMs = clock.monotonic() - call.startedAt;
    metrics.requestDuration.record(durationMs, { command: call.type, status: reply.statusCode });
  }

  app.route({ method: 'POST', url: '/v1/:t', onRequest: begin, onResponse: measure, handler: run });
}

/** Services are trusted not to flood. */
function takeRate(rates: UserRates, caller: Caller, type: CommandType): void {
  if (caller.isService) return;
  const retryAfterMs = rates.take(caller.id, type === 'message.send' ? 'messages' : 'commands');
  if (retryAfterMs > 0) throw new Refusal('rate_limited', { retryAfterMs });
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
