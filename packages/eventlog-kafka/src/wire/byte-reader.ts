/** Reads the Kafka protocol's types one after another. Numbers beyond 2^53 do not occur in the fields we read. */
export class ByteReader {
  readonly bytes: Buffer;
  position: number;
  readonly end: number;

  constructor(bytes: Buffer, position = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  get left(): number {
    return this.end - this.position;
  }

  int8(): number {
    return this.bytes.readInt8(this.position++);
  }

  int16(): number {
    const value = this.bytes.readInt16BE(this.position);
    this.position += 2;
    return value;
  }

  int32(): number {
    const value = this.bytes.readInt32BE(this.position);
    this.position += 4;
    return value;
  }

  int64(): number {
    const value = this.bytes.readInt32BE(this.position) * 2 ** 32 + this.bytes.readUInt32BE(this.position + 4);
    this.position += 8;
    return value;
  }

  /** Unsigned LEB128. */
  uvarint(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.bytes[this.position++];
      if (byte === undefined || factor > 2 ** 63) throw new RangeError('not a varint');
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
  }

  /** Zig-zag. */
  varint(): number {
    const raw = this.uvarint();
    return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
  }

  /** A view, not a copy. */
  take(length: number): Buffer {
    if (length < 0 || length > this.left) throw new RangeError(`${length} bytes wanted, ${this.left} left`);
    const view = this.bytes.subarray(this.position, this.position + length);
    this.position += length;
    return view;
  }

  text(length: number): string {
    if (length < 0 || length > this.left) throw new RangeError(`${length} bytes wanted, ${this.left} left`);
    const value = this.bytes.toString('utf8', this.position, this.position + length);
    this.position += length;
    return value;
  }

  string(): string {
    return this.text(this.int16());
  }

  compactString(): string | null {
    const length = this.uvarint();
    return length === 0 ? null : this.text(length - 1);
  }

  compactArray<T>(item: () => T): T[] {
    return Array.from({ length: Math.max(0, this.uvarint() - 1) }, item);
  }

  /** Tagged fields of flexible versions: none that matter to us. */
  skipTags(): void {
    for (let count = this.uvarint(); count > 0; count--) {
      this.uvarint();
      this.position += this.uvarint();
    }
  }
}
