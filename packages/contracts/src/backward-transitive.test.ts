import { expect, it } from 'vitest';
import { avroType } from './avro-type.ts';
import { backwardBreaks } from './backward-transitive.ts';
import { publishedSchemas, schemaOf } from './schema-registry.ts';

const published = publishedSchemas();
const names = [...new Set(published.map(({ name }) => name))];

it.each(published)('$name $version is what was published under its fingerprint', (entry) => {
  expect(avroType(schemaOf(entry)).fingerprint('sha256').toString('hex')).toBe(entry.fingerprint);
});

it('ids are unique, and versions of a name are 1, 2, 3 …', () => {
  expect(new Set(published.map(({ id }) => id)).size).toBe(published.length);
  for (const name of names) {
    const versions = published.filter((entry) => entry.name === name).map(({ version }) => version);
    expect(versions).toEqual(versions.map((_version, index) => index + 1));
  }
});

it.each(names)('every version of %s reads all before it', (name) => {
  expect(backwardBreaks(published.filter((entry) => entry.name === name).map(schemaOf))).toEqual([]);
});

type Field = { name: string; type: unknown; default?: unknown };
type Schema = { fields: Field[] };

/** A next version of the event schema as someone might write it. */
function changed(change: (schema: Schema, body: { name: string; fields: Field[] }[]) => void): unknown[] {
  const first = schemaOf({ name: 'chat-event', version: 1 });
  const next = structuredClone(first) as Schema;
  change(next, next.fields.find(({ name }) => name === 'body')!.type as never);
  return [first, next];
}

it.each<[string, Parameters<typeof changed>[0]]>([
  ['a new field without default', ({ fields }) => fields.push({ name: 'shard', type: 'int' })],
  ['a changed type', ({ fields }) => (fields[1]!.type = 'string')],
  ['an event type taken away', (_schema, body) => body.splice(2, 1)],
  [
    'a field that was optional and is required',
    (_schema, body) => (body[1]!.fields[1] = { name: 'text', type: 'string' }),
  ],
])('%s is found to break old records', (_what, change) => {
  expect(backwardBreaks(changed(change))).toHaveLength(1);
});

it.each<[string, Parameters<typeof changed>[0]]>([
  ['a new optional field', ({ fields }) => fields.push({ name: 'shard', type: ['null', 'int'], default: null })],
  ['a new event type', (_schema, body) => body.push({ name: 'PollClosed', type: 'record', fields: [] } as never)],
  ['a field taken away', (_schema, body) => body[0]!.fields.pop()],
])('%s keeps old records readable', (_what, change) => {
  expect(backwardBreaks(changed(change))).toEqual([]);
});

it('a break against the first version is found even when the second bridges it', () => {
  const base = (type: unknown, fallback?: unknown) => ({
    type: 'record',
    name: 'R',
    fields: [{ name: 'a', type, ...(fallback === undefined ? {} : { default: fallback }) }],
  });
  expect(backwardBreaks([base('string'), { type: 'record', name: 'R', fields: [] }, base('int', 0)])).toHaveLength(1);
});
