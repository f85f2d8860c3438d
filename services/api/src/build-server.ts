import cors from '@fastify/cors';
import fastify, { type FastifyInstance } from 'fastify';
import { Refusal, wireError } from '@garam/protocol/errors';
import { createUserRates } from '@garam/intake/user-rates';
import { answerHealth } from '@garam/service/health';
import { adminUser } from './admin-user.ts';
import type { ApiDeps, ApiOptions } from './api-deps.ts';
import { createAuthenticate } from './authenticate.ts';
import { addCommandRoute } from './command-route.ts';
import { devToken } from './dev-token.ts';
import { parseJsonBody } from './json-body.ts';
import type { ApiMetrics } from './metrics.ts';
import { buildOpenapi } from './openapi/build-openapi.ts';
import { expectedError, sendProblem } from './problem.ts';
import { createProfiles } from './profiles.ts';
import { DATA_POLICY, SECURITY_HEADERS } from './security-headers.ts';
import { createStandings } from './standings.ts';
import { addWebClient } from './web-client.ts';

/** A slow caller may hold a frame back no longer than this: see "late copies" in the ordering contract. */
const HEADERS_TIMEOUT_MS = 20_000;
const REQUEST_TIMEOUT_MS = 30_000;

/** The HTTP server with all routes, not listening yet. */
export function buildServer(deps: ApiDeps & { metrics: ApiMetrics }, options: ApiOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: options.bodyBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS },
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 64 },
  });
  addBodyParser(app);
  addAnswerRules(app, deps);
  if (options.allowedOrigins.length > 0) addCors(app, options.allowedOrigins);
  addRoutes(app, deps, options);
  addInformation(app, deps);
  if (options.webFolder !== undefined) addWebClient(app, options.webFolder);
  return app;
}

function addBodyParser(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) =>
    parseJsonBody(body),
  );
}

/** Headers of every answer, and errors as problems. */
function addAnswerRules(app: FastifyInstance, { logger }: ApiDeps): void {
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(SECURITY_HEADERS);
    reply.header('content-security-policy', DATA_POLICY);
  });
  app.setErrorHandler((error, request, reply) => {
    const expected = expectedError(error);
    if (expected === undefined) logger.error({ err: error, route: request.routeOptions.url }, 'request failed');
    return sendProblem(reply, expected ?? wireError('internal'));
  });
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, wireError('not_found', { message: 'There is no such address.' })),
  );
}

function addCors(app: FastifyInstance, allowedOrigins: readonly string[]): void {
  app.register(cors, {
    origin: allowedOrigins.includes('*') ? '*' : [...allowedOrigins],
    methods: ['GET', 'POST'],
    allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'traceparent'],
    exposedHeaders: ['retry-after'],
    maxAge: 600,
  });
}

function addRoutes(app: FastifyInstance, deps: ApiDeps & { metrics: ApiMetrics }, options: ApiOptions): void {
  const { users } = deps.store;
  const standings = createStandings({ users, clock: deps.clock });
  const keepProfile = createProfiles({ users, clock: deps.clock });
  const authenticate = createAuthenticate({ verifier: deps.verifier, standings, keepProfile });
  const rates = createUserRates(deps, options.rates);
  addCommandRoute(app, { ...deps, bigChat: options.bigChat, authenticate, rates });
  app.route({
    method: 'POST',
    url: '/v1/admin/user',
    handler: async (request) => {
      const claims = await authenticate.claims(request.headers.authorization);
      return adminUser({ ...deps, standings }, claims, request.body ?? {});
    },
  });
  const { devIssuer } = deps;
  if (devIssuer !== undefined)
    app.post('/v1/dev/token', ({ body, headers }) =>
      devToken(devIssuer, { body: body ?? {}, host: headers.host, origin: headers.origin }),
    );
  app.get('/v1/connect', async (_request, reply) => {
    reply.headers({ upgrade: 'websocket', connection: 'Upgrade' });
    return sendProblem(reply, wireError('bad_frame', { message: 'This address speaks WebSocket only.' }), 426);
  });
  app.route({
    method: ['GET', 'PUT', 'PATCH', 'DELETE'],
    url: '/v1/:t',
    handler: async (_request, reply) => {
      reply.header('allow', 'POST');
      return sendProblem(reply, wireError('unknown_type', { message: 'Commands are sent with POST.' }), 405);
    },
  });
}

function addInformation(app: FastifyInstance, { health, devIssuer }: ApiDeps): void {
  const openapi = JSON.stringify(buildOpenapi({ devTokens: devIssuer !== undefined }));
  app.get('/openapi.json', async (_request, reply) => reply.type('application/json').send(openapi));
  if (health === undefined) return;
  for (const path of ['/livez', '/readyz', '/metrics'])
    app.get(path, async (_request, reply) => {
      const answer = await answerHealth(path, health);
      if (answer === undefined) throw new Refusal('not_found');
      return reply.status(answer.status).type(answer.contentType).send(answer.body);
    });
}
