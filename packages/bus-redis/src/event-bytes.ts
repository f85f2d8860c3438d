import { encodeEvent } from '@garam/contracts/event-codec';
import type { EventRecord } from '@garam/contracts/event-record';

/** The bytes of an event. */
export type BytesOfEvent = (event: EventRecord) => Uint8Array;

const EVENTS_MAX = 1_000;
const BYTES_MAX = 2 * 1024 * 1024;

/**
 * Makes the bytes of an event once for the recent ones and for all instances it is published to shortly after: the
 * newest few are remembered, in two generations. (A WeakMap would keep no more, but costs the garbage collector dearly.)
 */
export function createEventBytes(): BytesOfEvent {
  let young = new Map<EventRecord, Uint8Array>();
  let old = new Map<EventRecord, Uint8Array>();
  let youngBytes = 0;

  return (event) => {
    const known = young.get(event) ?? old.get(event);
    if (known !== undefined) return known;
    const bytes = encodeEvent(event);
    if (young.size >= EVENTS_MAX || youngBytes + bytes.length > BYTES_MAX) {
      old = young;
      young = new Map();
      youngBytes = 0;
    }
    young.set(event, bytes);
    youngBytes += bytes.length;
    return bytes;
  };
}
