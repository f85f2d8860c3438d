import type { Codec } from '@garam/protocol/codec';
import type { Push } from '@garam/protocol/pushes';
import type { PreparedMessage, Transport } from '@garam/transport/transport';

/** A push on its way to any number of connections: encoded and framed once per codec, when first written. */
export class SharedPush {
  readonly push: Push;
  #codec: Codec | undefined = undefined;
  #prepared: PreparedMessage | undefined = undefined;
  #others: Map<Codec, PreparedMessage> | undefined = undefined;

  constructor(push: Push) {
    this.push = push;
  }

  preparedFor(codec: Codec, transport: Pick<Transport, 'prepare'>): PreparedMessage {
    if (this.#codec === codec) return this.#prepared!;
    if (this.#codec === undefined) {
      this.#codec = codec;
      this.#prepared = transport.prepare(codec.encodePush(this.push));
      return this.#prepared;
    }
    this.#others ??= new Map();
    let prepared = this.#others.get(codec);
    if (prepared === undefined) {
      prepared = transport.prepare(codec.encodePush(this.push));
      this.#others.set(codec, prepared);
    }
    return prepared;
  }
}
