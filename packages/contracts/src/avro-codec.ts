import { avroType } from './avro-type.ts';
import { plainReader } from './plain-reader.ts';
import { publishedSchemas, schemaOf, type SchemaName } from './schema-registry.ts';

/**
 * Bytes of the log ↔ records: 0x00, schema id (4 bytes, big-endian), Avro.
 *
 * Whether bytes are decodable depends on the bytes and the committed schemas alone, never on a registry: every
 * sequencer must take the same bytes for undecodable. A new schema id is written only once every reader knows it.
 *
 * In one process a codec remembers what it encoded: decoding the very byte array it made returns the very object.
 * Records are never changed after encoding.
 */
export interface AvroCodec<T extends object> {
  encode(record: T): Uint8Array;
  /** null: not a record of this kind. */
  decode(bytes: Uint8Array): T | null;
  readonly schemaId: number;
  /** Name and version of what `encode` writes, for headers: `chat-event/1`. */
  readonly schemaLabel: string;
}

interface Shape<T> {
  /** The record as Avro takes it: a union's value is wrapped in its branch's name. */
  toAvro(record: T): unknown;
  /** From plain Avro values, absent fields left out; null refuses the content. */
  fromAvro(value: never): T | null;
}

const HEADER_BYTES = 5;
const SCRATCH_BYTES = 65_536;

export function createAvroCodec<T extends object>(name: SchemaName, { toAvro, fromAvro }: Shape<T>): AvroCodec<T> {
  const { current, resolvers } = schemasOf(name);
  const toPlain = plainReader(current.type);
  /** Where a byte array keeps the record it was made from. (A WeakMap does the same at ten times the cost.) */
  const RECORD = Symbol('record');
  type Remembering = { [RECORD]?: T };
  let scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

  function encode(record: T): Uint8Array {
    const value = toAvro(record);
    let end = current.type.encode(value, scratch, HEADER_BYTES);
    if (end < 0) {
      scratch = Buffer.allocUnsafeSlow(2 * (scratch.length - end));
      end = current.type.encode(value, scratch, HEADER_BYTES);
    }
    scratch.writeUInt32BE(current.id, 1);
    scratch[0] = 0;
    const bytes: Buffer & Remembering = Buffer.allocUnsafe(end);
    scratch.copy(bytes, 0, 0, end);
    bytes[RECORD] = record;
    return bytes;
  }

  function decode(bytes: Uint8Array & Remembering): T | null {
    const known = bytes[RECORD];
    if (known !== undefined) return known;
    if (bytes.length < HEADER_BYTES || bytes[0] !== 0) return null;
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const id = buffer.readUInt32BE(1);
    if (!resolvers.has(id)) return null;
    try {
      const { value, offset } = current.type.decode(buffer, HEADER_BYTES, resolvers.get(id));
      return offset === buffer.length ? fromAvro(toPlain(value) as never) : null;
    } catch {
      return null;
    }
  }

  return { encode, decode, schemaId: current.id, schemaLabel: `${name}/${current.version}` };
}

/** The newest schema of the name, and how to read each published one as it (undefined: it is the newest itself). */
function schemasOf(name: SchemaName) {
  const published = publishedSchemas()
    .filter((schema) => schema.name === name)
    .toSorted((one, other) => one.version - other.version)
    .map((schema) => ({ id: schema.id, version: schema.version, type: avroType(schemaOf(schema)) }));
  const current = published.at(-1);
  if (current === undefined) throw new Error(`no schema named ${name} in the manifest`);
  const resolvers = new Map(
    published.map(({ id, type }) => [id, type === current.type ? undefined : current.type.createResolver(type)]),
  );
  return { current, resolvers };
}
