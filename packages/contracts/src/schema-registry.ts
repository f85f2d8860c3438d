import { readFileSync } from 'node:fs';

/** A schema as published: the id in front of every value names it for ever. */
export interface PublishedSchema {
  id: number;
  name: SchemaName;
  version: number;
  /** SHA-256 of Avro's parsing canonical form, hex. */
  fingerprint: string;
}

export type SchemaName = 'chat-command' | 'chat-event' | 'chat-reply' | 'chat-receipts';

const SCHEMAS = new URL('../schemas/', import.meta.url);

/** Every schema ever written to the log, from `schemas/manifest.json`. Entries are only added. */
export function publishedSchemas(): PublishedSchema[] {
  return JSON.parse(readFileSync(new URL('manifest.json', SCHEMAS), 'utf8')) as PublishedSchema[];
}

/** The Avro schema of an entry, as parsed JSON. */
export function schemaOf({ name, version }: Pick<PublishedSchema, 'name' | 'version'>): unknown {
  return JSON.parse(readFileSync(new URL(`${name}.v${version}.avsc`, SCHEMAS), 'utf8'));
}
