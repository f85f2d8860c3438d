import avro, { type Type } from 'avsc';

/** Builds the Avro type of a schema: safe to read bytes from strangers with, and quick on short strings. */
export function avroType(schema: unknown): Type {
  return avro.Type.forSchema(schema as Parameters<typeof avro.Type.forSchema>[0], {
    wrapUnions: 'auto',
    omitRecordMethods: true,
    typeHook: (part, options) => hooked(part, options),
  });
}

/** Our reading and writing of arrays and strings; everything else is avsc's. */
function hooked(part: unknown, options: unknown): Type | undefined {
  if (part === 'string') return new QuickStringType();
  if (typeof part === 'object' && part !== null && 'type' in part && part.type === 'array')
    return new BoundedArrayType(part as never, options);
  return undefined;
}

/** The position inside a buffer; one beyond the end makes the whole value undecodable. */
interface Tap {
  buf: Buffer & { utf8Write(text: string, position: number, length: number): number };
  pos: number;
  readLong(): number;
  skipLong(): void;
  writeLong(value: number): void;
}

/**
 * avsc believes the length in front of an array: eight bytes could make it loop for hours. Every item here takes at
 * least one byte, so a count above the bytes that are left is a lie, and the value ends as truncated.
 */
class BoundedArrayType extends avro.types.ArrayType {
  _read(tap: Tap): unknown[] {
    const itemsType = this.itemsType as Type & { _read(tap: Tap): unknown };
    const items: unknown[] = [];
    for (let count = tap.readLong(); count !== 0; count = tap.readLong()) {
      if (count < 0) {
        count = -count;
        tap.skipLong();
      }
      if (count > tap.buf.length - tap.pos) {
        tap.pos = tap.buf.length + 1;
        break;
      }
      for (; count > 0; count--) items.push(itemsType._read(tap));
    }
    return items;
  }
}

const StringType = avro.types.StringType as unknown as new () => Type;
/** Up to here the length takes one byte. */
const SHORT = 64;

/** Short ASCII (ids, names of kinds) in one pass; it halves the cost of encoding a small record. */
class QuickStringType extends StringType {
  _write(tap: Tap, text: unknown): void {
    if (typeof text !== 'string') throw new TypeError(`not a string: ${typeof text}`);
    if (text.length < SHORT && writeAscii(tap, text)) return;
    const length = Buffer.byteLength(text);
    tap.writeLong(length);
    const start = tap.pos;
    tap.pos += length;
    if (tap.pos <= tap.buf.length) tap.buf.utf8Write(text, start, length);
  }
}

function writeAscii(tap: Tap, text: string): boolean {
  const { buf } = tap;
  const { length } = text;
  let position = tap.pos + 1;
  if (position + length > buf.length) return false;
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) return false;
    buf[position++] = unit;
  }
  buf[tap.pos] = length << 1;
  tap.pos = position;
  return true;
}
