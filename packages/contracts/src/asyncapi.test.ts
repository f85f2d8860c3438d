import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { publishedSchemas } from './schema-registry.ts';
import { TOPICS } from './topics.ts';

interface AsyncApi {
  asyncapi: string;
  channels: Record<string, { address: string; messages: Record<string, { $ref: string }> }>;
  operations: Record<string, { channel: { $ref: string } }>;
  components: { messages: Record<string, { payload: { schema: { $ref: string } } }> };
}

const DOCS = new URL('../../../docs/', import.meta.url);
const document = parse(readFileSync(new URL('asyncapi.yaml', DOCS), 'utf8')) as AsyncApi;

it('docs/asyncapi.yaml describes exactly the topics of the log, under their names', () => {
  const addresses = Object.entries(document.channels).map(([name, { address }]) => [name, address]);
  expect(document.asyncapi).toBe('3.0.0');
  expect(Object.fromEntries(addresses)).toEqual(TOPICS);
});

it('docs/asyncapi.yaml points at the newest version of every published schema', () => {
  const described = Object.values(document.components.messages).map(({ payload }) => payload.schema.$ref);
  const newest = Map.groupBy(publishedSchemas(), ({ name }) => name);
  const files = [...newest].map(([name, all]) => {
    return `../packages/contracts/schemas/${name}.v${Math.max(...all.map(({ version }) => version))}.avsc`;
  });
  expect(described.toSorted()).toEqual(files.toSorted());
  for (const file of described) expect(existsSync(new URL(file, DOCS))).toBe(true);
});

it('every reference inside docs/asyncapi.yaml leads somewhere', () => {
  const refs = [...JSON.stringify(document).matchAll(/"#\/([^"]+)"/g)].map(([, path]) => path!.split('/'));
  expect(refs.length).toBeGreaterThan(0);
  const missing = refs.filter((path) => {
    const found = path.reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
    return found === undefined;
  });
  expect(missing).toEqual([]);
});
