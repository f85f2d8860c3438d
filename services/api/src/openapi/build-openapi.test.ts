import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { CONNECTION_COMMANDS, commandSchemas, type CommandType } from '@garam/protocol/commands';
import { buildOpenapi } from './build-openapi.ts';
import type { JsonSchema } from './json-schema.ts';

type Operation = {
  operationId: string;
  requestBody: { content: { 'application/json': { schema: JsonSchema } } };
  responses: Record<string, { content: { 'application/json': { schema: JsonSchema } } }>;
};
type Document = { paths: Record<string, { post: Operation }>; components: { schemas: Record<string, JsonSchema> } };

const document = buildOpenapi({ devTokens: true }) as unknown as Document;
const operations = Object.values(document.paths).map((path) => path.post);

describe('the OpenAPI document', () => {
  it('has every command that is not about a connection', () => {
    const expected = (Object.keys(commandSchemas) as CommandType[]).filter((type) => !CONNECTION_COMMANDS.has(type));
    expect(Object.keys(document.paths).sort()).toEqual(
      [...expected.map((type) => `/v1/${type}`), '/v1/admin/user', '/v1/dev/token'].sort(),
    );
    expect(new Set(operations.map((operation) => operation.operationId)).size).toBe(operations.length);
  });

  it('is made of valid JSON Schema 2020-12, and every reference leads somewhere', () => {
    const ajv = new Ajv2020({ strict: false });
    for (const operation of operations) {
      const request = operation.requestBody.content['application/json'].schema;
      const response = operation.responses['200']!.content['application/json'].schema;
      for (const schema of [request, response])
        expect(() => ajv.compile({ ...schema, components: document.components })).not.toThrow();
    }
  });

  it('accepts a message and refuses one without a chat', () => {
    const { schema } = document.paths['/v1/message.send']!.post.requestBody.content['application/json'];
    const validate = new Ajv2020({ strict: false }).compile(schema);
    expect(validate({ chat: 'c', kind: 'text', text: 'hi', by: 'bob' })).toBe(true);
    expect(validate({ kind: 'text', text: 'hi' })).toBe(false);
    expect(validate({ chat: 'not an id', kind: 'text', text: 'hi' })).toBe(false);
  });
});
