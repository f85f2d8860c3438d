import { z } from 'zod';
import { CONNECTION_COMMANDS, commandSchemas, isDurableCommand, type CommandType } from '@garam/protocol/commands';
import { ERRORS } from '@garam/protocol/errors';
import { adminUserBody } from '../admin-user.ts';
import { devTokenBody } from '../dev-token.ts';
import { ENTITY_SCHEMAS } from './entity-schemas.ts';
import { OK_SCHEMAS } from './ok-schemas.ts';
import type { JsonSchema } from './json-schema.ts';

/** The OpenAPI 3.1 description of this server: requests from the protocol's own schemas, so that it cannot lag behind. */
export function buildOpenapi(options: { devTokens: boolean }): JsonSchema {
  const paths: Record<string, JsonSchema> = {};
  for (const type of Object.keys(commandSchemas) as CommandType[])
    if (!CONNECTION_COMMANDS.has(type)) paths[`/v1/${type}`] = { post: commandOperation(type) };
  paths['/v1/admin/user'] = { post: adminOperation() };
  if (options.devTokens) paths['/v1/dev/token'] = { post: devTokenOperation() };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Garam',
      version: '1',
      description:
        'Every command of garam.v1 as POST /v1/{t}. Temporary errors and lost answers: repeat with the same Idempotency-Key.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      parameters: { IdempotencyKey: IDEMPOTENCY_KEY },
      responses: { Problem: PROBLEM_RESPONSE },
      schemas: { ...ENTITY_SCHEMAS, Problem: problemSchema() },
    },
  };
}

const IDEMPOTENCY_KEY: JsonSchema = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'The clientId of the command; required unless clientId is in the body.',
  required: false,
  schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' },
};

const PROBLEM_RESPONSE: JsonSchema = {
  description: 'An error of the table, by name.',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

function commandOperation(type: CommandType): JsonSchema {
  const durable = isDurableCommand(type);
  const schema = requestSchema(commandSchemas[type]);
  if (durable) schema['required'] = ((schema['required'] ?? []) as string[]).filter((field) => field !== 'clientId');
  (schema['properties'] as Record<string, JsonSchema>)['by'] = {
    type: 'string',
    description: 'The user to act as; only with the scope `service`.',
  };
  return {
    operationId: type.replace('.', '_'),
    tags: [type.includes('.') ? type.split('.')[0]! : 'chat'],
    ...(durable ? { parameters: [{ $ref: '#/components/parameters/IdempotencyKey' }] } : {}),
    requestBody: jsonContent(schema, true),
    responses: { 200: { description: 'ok', ...jsonContent(OK_SCHEMAS[type]) }, default: PROBLEM_REF },
  };
}

function adminOperation(): JsonSchema {
  const standing: JsonSchema = {
    type: 'object',
    required: ['user', 'banned', 'silencedUntil', 'revokedBefore'],
    properties: {
      user: { type: 'string' },
      banned: { type: 'boolean' },
      silencedUntil: { type: 'integer' },
      revokedBefore: { type: 'integer' },
    },
  };
  return {
    operationId: 'admin_user',
    tags: ['admin'],
    description: 'Bans, silences or revokes a user. For tokens with the scope `service`.',
    requestBody: jsonContent(requestSchema(adminUserBody), true),
    responses: { 200: { description: 'ok', ...jsonContent(standing) }, default: PROBLEM_REF },
  };
}

function devTokenOperation(): JsonSchema {
  const token: JsonSchema = { type: 'object', required: ['token'], properties: { token: { type: 'string' } } };
  return {
    operationId: 'dev_token',
    tags: ['dev'],
    description: 'A token for anyone, in development only.',
    security: [],
    requestBody: jsonContent(requestSchema(devTokenBody), true),
    responses: { 200: { description: 'ok', ...jsonContent(token) }, default: PROBLEM_REF },
  };
}

const PROBLEM_REF: JsonSchema = { $ref: '#/components/responses/Problem' };

function requestSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return rest;
}

function jsonContent(schema: JsonSchema, required = false): JsonSchema {
  return { ...(required ? { required } : {}), content: { 'application/json': { schema } } };
}

function problemSchema(): JsonSchema {
  return {
    type: 'object',
    required: ['type', 'title', 'status', 'detail', 'code', 'name', 'temporary'],
    properties: {
      type: { type: 'string' },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string' },
      code: { type: 'integer', enum: Object.values(ERRORS).map((row) => row.code) },
      name: { type: 'string', enum: Object.keys(ERRORS) },
      temporary: { type: 'boolean', description: 'Repeat the command with the same Idempotency-Key.' },
      retryAfterMs: { type: 'integer' },
      path: { type: 'string', description: 'With `invalid`: the field.' },
    },
  };
}
