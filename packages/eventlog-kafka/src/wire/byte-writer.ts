/** Writes the Kafka protocol's types one after another into bytes that grow as needed. */
export class ByteWriter {
  #bytes: Buffer;
  position = 0;

  constructor(sizeHint = 256) {
    this.#bytes = Buffer.allocUnsafe(sizeHint);
  }

  /** What has been written: a view, not a copy. */
  get written(): Buffer {
    return this.#bytes.subarray(0, this.position);
  }

  reserve(length: number): void {
    if (this.position + length <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.position + length));
    this.#bytes.copy(larger, 0, 0, this.position);
    this.#bytes = larger;
  }

  int8(value: number): void {
    this.reserve(1);
    this.position = this.#bytes.writeInt8(value, this.position);
  }

  int16(value: number): void {
    this.reserve(2);
    this.position = this.#bytes.writeInt16BE(value, this.position);
  }

  int32(value: number): void {
    this.reserve(4);
    this.position = this.#bytes.writeInt32BE(value, this.position);
  }

  int64(value: number): void {
    this.reserve(8);
    const high = Math.floor(value / 2 ** 32);
    this.#bytes.writeInt32BE(high, this.position);
    this.#bytes.writeUInt32BE(value - high * 2 ** 32, this.position + 4);
    this.position += 8;
  }

  /** Fills in a number whose place was written before. */
  int32At(value: number, position: number): void {
    this.#bytes.writeInt32BE(value, position);
  }

  uint32At(value: number, position: number): void {
    this.#bytes.writeUInt32BE(value, position);
  }

  /** Zig-zag, for values within ±2^30. */
  varint(value: number): void {
    this.uvarint((value << 1) ^ (value >> 31));
  }

  uvarint(value: number): void {
    this.reserve(5);
    let left = value >>> 0;
    while (left > 0x7f) {
      this.#bytes[this.position++] = (left & 0x7f) | 0x80;
      left >>>= 7;
    }
    this.#bytes[this.position++] = left;
  }

  bytes(value: Uint8Array): void {
    this.reserve(value.length);
    this.#bytes.set(value, this.position);
    this.position += value.length;
  }

  /** `length`: the text's length in UTF-8. */
  text(value: string, length: number): void {
    this.reserve(length);
    this.position += this.#bytes.write(value, this.position, length, 'utf8');
  }

  string(value: string): void {
    const length = Buffer.byteLength(value);
    this.int16(length);
    this.text(value, length);
  }

  compactString(value: string): void {
    const length = Buffer.byteLength(value);
    this.uvarint(length + 1);
    this.text(value, length);
  }
}

/** Bytes a zig-zag varint takes. */
export function varintSize(value: number): number {
  let left = ((value << 1) ^ (value >> 31)) >>> 0;
  let size = 1;
  while (left > 0x7f) {
    size++;
    left >>>= 7;
  }
  return size;
}
