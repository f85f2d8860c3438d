import type { BusEntry } from '@garam/contracts/bus-entry';
import type { EventRecord } from '@garam/contracts/event-record';

let names = 0;

/** A name nobody has used, in this process or another. */
export function newName(kind: string): string {
  return `${kind}-${process.pid}-${names++}`;
}

export function eventAt(chat: string, rev: number): EventRecord {
  const clock = 1_700_000_000_000_000 + rev;
  const body = { type: 'message.created', clientId: `client-${rev}`, kind: 'text', text: `글 ${rev}` } as const;
  return { chat, rev, seq: rev, clock, by: 'alice', body };
}

export function typingEntry(user: string, chat = 'chat'): BusEntry {
  return { kind: 'typing', chat, user, on: true };
}

/** The users of typing entries, for tests that number their entries that way. */
export function usersOf(entries: readonly BusEntry[]): string[] {
  return entries.map((entry) => (entry.kind === 'typing' ? entry.user : entry.kind));
}
