import type { Cancel, Clock } from '@garam/runtime/clock';
import type { CoarseTimers } from '@garam/runtime/coarse-timers';
import type { Socket } from 'node:net';
import type { KafkaOptions } from '../kafka-options.ts';
import { ByteWriter } from '../wire/byte-writer.ts';
import type { Exchange } from '../wire/exchange.ts';
import { KafkaError } from '../wire/kafka-error.ts';

/** Requests and answers on one socket. A broker answers in the order of the requests. */
export interface FrameStream {
  readonly isOpen: boolean;
  send<T>(exchange: Exchange<T>): Promise<T>;
  /** Ends the socket at once; requests without an answer fail with `error`. */
  close(error: KafkaError): void;
}

export interface FrameStreamDeps {
  address: string;
  clientId: string;
  clock: Clock;
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

/** A request without an answer in time ends the connection: nobody knows how far its broker is. */
export function createFrameStream(socket: Socket, deps: FrameStreamDeps): FrameStream {
  const { address, timers } = deps;
  const requestTimeoutMs = deps.options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  const waiting: Waiting[] = [];
  let correlation = 0;
  let isOpen = true;
  let chunks: Buffer[] = [];
  let received = 0;
  let needed = 4;

  socket.on('data', (chunk) => {
    chunks.push(chunk);
    received += chunk.length;
    if (received >= needed) readFrames();
  });
  socket.on('error', (error) => close(new KafkaError('unanswered', `${address}: ${error.message}`, { cause: error })));
  socket.on('close', () => close(new KafkaError('unanswered', `${address} closed the connection`)));

  function readFrames(): void {
    let buffer = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    needed = 4;
    while (isOpen && buffer.length >= 4) {
      const length = buffer.readInt32BE(0);
      if (length < 4 || length > FRAME_BYTES_MAX) {
        return close(new KafkaError('unanswered', `${address} sent a frame of ${length} bytes`));
      }
      needed = 4 + length;
      if (buffer.length < needed) break;
      settle(buffer.subarray(4, needed));
      buffer = buffer.subarray(needed);
      needed = 4;
    }
    chunks = buffer.length === 0 ? [] : [buffer];
    received = buffer.length;
  }

  function settle(frame: Buffer): void {
    const request = waiting.shift();
    if (request === undefined || request.correlation !== frame.readInt32BE(0)) {
      if (request !== undefined) waiting.unshift(request);
      return close(new KafkaError('unanswered', `${address} sent an answer to nothing`));
    }
    request.cancelTimeout();
    request.answer(frame.subarray(request.isFlexible ? 5 : 4));
  }

  function close(error: KafkaError): void {
    if (!isOpen) return;
    isOpen = false;
    socket.destroy();
    chunks = [];
    for (const request of waiting.splice(0)) {
      request.cancelTimeout();
      request.fail(error);
    }
  }

  async function send<T>(exchange: Exchange<T>): Promise<T> {
    const body = await exchange.encode();
    if (!isOpen) throw new KafkaError('not_sent', `${address} is not connected`);
    const number = correlation++ & 0x7fffffff;
    const timeoutMs = requestTimeoutMs + (exchange.extraMs ?? 0);
    const payload = await new Promise<Buffer>((resolve, reject) => {
      const tooLate = () => {
        close(new KafkaError('unanswered', `${exchange.name} to ${address}: no answer within ${timeoutMs} ms`));
      };
      waiting.push({
        correlation: number,
        isFlexible: exchange.isFlexible === true,
        cancelTimeout: timers.add(timeoutMs, tooLate),
        answer: resolve,
        fail: reject,
      });
      socket.cork();
      socket.write(header(exchange, { correlation: number, clientId: deps.clientId, bodyBytes: body.length }));
      socket.write(body);
      socket.uncork();
    });
    return exchange.decode(payload);
  }

  return {
    get isOpen() {
      return isOpen;
    },
    send,
    close,
  };
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
