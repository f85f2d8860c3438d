import type { EventRecord } from '@garam/contracts/event-record';
import type { BytesOfEvent } from './event-bytes.ts';
import { keySlot } from './key-slot.ts';

/** Events that go into the recent ones with one command: some chats of one node. */
export interface AppendGroup {
  keys: string[];
  /** Per key: how many events, then rev and bytes of each. */
  args: (number | Uint8Array)[];
  bytes: number;
}

export interface AppendOptions {
  keyOf(this: void, chat: string): string;
  bytesOf: BytesOfEvent;
  isCluster: boolean;
}

const CHATS_MAX = 128;
const BYTES_MAX = 256 * 1024;

/** The events by chat, in their order, packed into as few commands as one server's patience allows. */
export function appendGroups(
  events: readonly EventRecord[],
  { keyOf, bytesOf, isCluster }: AppendOptions,
): AppendGroup[] {
  const groups: AppendGroup[] = [];
  const open = new Map<number, AppendGroup>();
  for (const [chat, chatEvents] of byChat(events)) {
    const key = keyOf(chat);
    const slot = isCluster ? keySlot(key) : 0;
    for (const part of partsOf(chatEvents, bytesOf)) {
      let group = open.get(slot);
      if (group === undefined || group.keys.length >= CHATS_MAX || group.bytes + part.bytes > BYTES_MAX) {
        group = { keys: [], args: [], bytes: 0 };
        groups.push(group);
        open.set(slot, group);
      }
      group.keys.push(key);
      group.args.push(part.args.length / 2, ...part.args);
      group.bytes += part.bytes;
    }
  }
  return groups;
}

function byChat(events: readonly EventRecord[]): Map<string, EventRecord[]> {
  const chats = new Map<string, EventRecord[]>();
  for (const event of events) {
    const known = chats.get(event.chat);
    if (known === undefined) chats.set(event.chat, [event]);
    else known.push(event);
  }
  return chats;
}

/** The events of one chat, in parts below the bound. */
function partsOf(
  events: readonly EventRecord[],
  bytesOf: BytesOfEvent,
): { args: (number | Uint8Array)[]; bytes: number }[] {
  const parts = [{ args: [] as (number | Uint8Array)[], bytes: 0 }];
  for (const event of events) {
    const bytes = bytesOf(event);
    let part = parts.at(-1)!;
    if (part.bytes > 0 && part.bytes + bytes.length > BYTES_MAX) parts.push((part = { args: [], bytes: 0 }));
    part.args.push(event.rev, bytes);
    part.bytes += bytes.length;
  }
  return parts;
}
