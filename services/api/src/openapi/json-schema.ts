/** A JSON Schema or another object of an OpenAPI document. */
export type JsonSchema = { [key: string]: unknown };

export const text: JsonSchema = { type: 'string' };
export const integer: JsonSchema = { type: 'integer' };
export const flag: JsonSchema = { type: 'boolean' };

/** An object; names ending in `?` are optional. */
export function object(fields: Record<string, JsonSchema>): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const [name, schema] of Object.entries(fields)) {
    const plain = name.endsWith('?') ? name.slice(0, -1) : name;
    properties[plain] = schema;
    if (plain === name) required.push(name);
  }
  return { type: 'object', ...(required.length === 0 ? {} : { required }), properties };
}

export const listOf = (items: JsonSchema): JsonSchema => ({ type: 'array', items });
export const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });
