import type { Cancel } from '@garam/runtime/clock';
import type { CoarseTimers } from '@garam/runtime/coarse-timers';
import type { Socket } from 'node:net';
import type { KafkaOptions } from '../kafka-options.ts';
import { ByteWriter } from '../wire/byte-writer.ts';
import type { Exchange } from '../wire/exchange.ts';
import { KafkaError } from '../wire/kafka-error.ts';

export interface FrameStreamDeps {
  address: string;
  timers: CoarseTimers;
  options: KafkaOptions;
}

interface Waiting {
  correlation: number;
  isFlexible: boolean;
  cancelTimeout: Cancel;
  answer(payload: Buffer): void;
  fail(error: KafkaError): void;
}

const REQUEST_TIMEOUT_MS = 5_000;
/** Larger frames are not the Kafka protocol. */
const FRAME_BYTES_MAX = 256 * 1024 * 1024;

/**
 * Requests and answers on one socket. A broker answers in the order of the requests. One without an answer in time ends
 * the connection: nobody knows how far its broker is.
 */
export class FrameStream {
  readonly #socket: Socket;
  readonly #deps: FrameStreamDeps;
  readonly #waiting: Waiting[] = [];
  #correlation = 0;
  #isOpen = true;
  #chunks: Buffer[] = [];
  #received = 0;
  #needed = 4;

  constructor(socket: Socket, deps: FrameStreamDeps) {
    this.#socket = socket;
    this.#deps = deps;
    const { address } = deps;
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => this.close(unanswered(`${address}: ${error.message}`)));
    socket.on('close', () => this.close(unanswered(`${address} closed the connection`)));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** @throws KafkaError `not_sent` or `unanswered` */
  async send<T>(exchange: Exchange<T>): Promise<T> {
    const body = await exchange.encode();
    if (!this.#isOpen) throw new KafkaError('not_sent', `${this.#deps.address} is not connected`);
    return exchange.decode(await this.#ask(exchange, body));
  }

  /** Ends the socket at once; requests without an answer fail with `error`. */
  close(error: KafkaError): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#socket.destroy();
    this.#chunks = [];
    for (const request of this.#waiting.splice(0)) {
      request.cancelTimeout();
      request.fail(error);
    }
  }

  #ask(exchange: Exchange<unknown>, body: Buffer): Promise<Buffer> {
    const { address, options, timers } = this.#deps;
    const correlation = this.#correlation++ & 0x7fffffff;
    const timeoutMs = (options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS) + (exchange.extraMs ?? 0);
    return new Promise<Buffer>((resolve, reject) => {
      const tooLate = () => this.close(unanswered(`${exchange.name} to ${address}: no answer within ${timeoutMs} ms`));
      this.#waiting.push({
        correlation,
        isFlexible: exchange.isFlexible === true,
        cancelTimeout: timers.add(timeoutMs, tooLate),
        answer: resolve,
        fail: reject,
      });
      this.#socket.cork();
      this.#socket.write(header(exchange, { correlation, clientId: options.clientId, bodyBytes: body.length }));
      this.#socket.write(body);
      this.#socket.uncork();
    });
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#received += chunk.length;
    if (this.#received >= this.#needed) this.#readFrames();
  }

  #readFrames(): void {
    let buffer = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.#needed = 4;
    while (this.#isOpen && buffer.length >= 4) {
      const length = buffer.readInt32BE(0);
      if (length < 4 || length > FRAME_BYTES_MAX) {
        return this.close(unanswered(`${this.#deps.address} sent a frame of ${length} bytes`));
      }
      this.#needed = 4 + length;
      if (buffer.length < this.#needed) break;
      this.#settle(buffer.subarray(4, this.#needed));
      buffer = buffer.subarray(this.#needed);
      this.#needed = 4;
    }
    this.#chunks = buffer.length === 0 ? [] : [buffer];
    this.#received = buffer.length;
  }

  #settle(frame: Buffer): void {
    const request = this.#waiting.shift();
    if (request === undefined || request.correlation !== frame.readInt32BE(0)) {
      if (request !== undefined) this.#waiting.unshift(request);
      return this.close(unanswered(`${this.#deps.address} sent an answer to nothing`));
    }
    request.cancelTimeout();
    request.answer(frame.subarray(request.isFlexible ? 5 : 4));
  }
}

function unanswered(message: string): KafkaError {
  return new KafkaError('unanswered', message);
}

function header(
  { apiKey, apiVersion, isFlexible }: Exchange<unknown>,
  frame: { correlation: number; clientId: string; bodyBytes: number },
): Buffer {
  const writer = new ByteWriter(64);
  writer.int32(0);
  writer.int16(apiKey);
  writer.int16(apiVersion);
  writer.int32(frame.correlation);
  writer.string(frame.clientId);
  if (isFlexible === true) writer.uvarint(0);
  writer.int32At(writer.position - 4 + frame.bodyBytes, 0);
  return writer.written;
}
