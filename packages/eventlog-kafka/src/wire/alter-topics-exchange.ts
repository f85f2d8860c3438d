import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Exchange } from './exchange.ts';

const TOPIC = 2;
const SET = 0;

/** IncrementalAlterConfigs, version 0: sets what is named and leaves the rest (AlterConfigs would reset it). */
export function alterTopicsExchange(
  settings: ReadonlyMap<string, Readonly<Record<string, string>>>,
): Exchange<{ topic: string; errorCode: number; message: string }[]> {
  return { name: 'IncrementalAlterConfigs', apiKey: 44, apiVersion: 0, encode: () => encode(settings), decode };
}

function encode(settings: ReadonlyMap<string, Readonly<Record<string, string>>>): Buffer {
  const writer = new ByteWriter();
  writer.int32(settings.size);
  for (const [topic, entries] of settings) {
    writer.int8(TOPIC);
    writer.string(topic);
    writer.int32(Object.keys(entries).length);
    for (const [name, value] of Object.entries(entries)) {
      writer.string(name);
      writer.int8(SET);
      writer.string(value);
    }
  }
  writer.int8(0); // not only validated
  return writer.written;
}

function decode(payload: Buffer): { topic: string; errorCode: number; message: string }[] {
  const reader = new ByteReader(payload);
  reader.int32(); // throttle time
  return Array.from({ length: reader.int32() }, () => {
    const errorCode = reader.int16();
    const messageLength = reader.int16();
    const message = messageLength < 0 ? '' : reader.text(messageLength);
    reader.int8();
    return { topic: reader.string(), errorCode, message };
  });
}
