import type { Violation } from '../evidence.ts';
import type { SendRecord } from '../evidence.ts';

/** A record of the events topic, decoded as far as the checks need it. */
export interface LoggedEvent {
  partition: number;
  offset: bigint;
  key: string;
  chat: string;
  rev: number;
  seq: number;
  by: string;
  /** Of a `message.created`; null for every other event. */
  message: { clientId: string; text: string } | null;
  /** Of the whole value: repeats must be equal byte for byte. */
  value: Buffer;
}

/** What the log says at last. */
export interface LogCheck {
  violations: Violation[];
  /** Events, each counted once. */
  events: number;
  /** Records that repeat an earlier one, as paused and restarted owners write them. */
  repeats: number;
}

/**
 * Reads the events as any consumer does that skips `rev ≤ last`: per chat every rev once and in order, in one partition;
 * a repeat is equal to the first; seqs of messages are dense; each acknowledged send is there once, at its place; each
 * chat ends where its history does.
 */
export function checkLog(
  events: readonly LoggedEvent[],
  sends: readonly SendRecord[],
  heads: ReadonlyMap<string, { seq: number; rev: number }>,
): LogCheck {
  const chats = new Map<string, ChatLog>();
  const violations: Violation[] = [];
  let repeats = 0;
  for (const event of events) {
    let log = chats.get(event.chat);
    if (log === undefined) chats.set(event.chat, (log = { events: [], seq: 0, placeOf: new Map() }));
    if (event.rev <= log.events.length) repeats += 1;
    violations.push(...takeEvent(log, event));
  }
  for (const send of sends) violations.push(...checkSend(chats.get(send.chat), send));
  for (const [chat, head] of heads) {
    const log = chats.get(chat);
    if (log?.events.length !== head.rev || log.seq !== head.seq) {
      const detail = `${chat}: rev ${log?.events.length}, seq ${log?.seq}; history: rev ${head.rev}, seq ${head.seq}`;
      violations.push({ rule: 'the log ends elsewhere than history', detail });
    }
  }
  return { violations, events: [...chats.values()].reduce((sum, log) => sum + log.events.length, 0), repeats };
}

interface ChatLog {
  /** By rev − 1. */
  events: LoggedEvent[];
  seq: number;
  placeOf: Map<string, { seq: number; rev: number }>;
}

function takeEvent(log: ChatLog, event: LoggedEvent): Violation[] {
  const { chat, rev, seq, by, message } = event;
  const where = `${chat} rev ${rev} at ${event.partition}/${event.offset}`;
  const first = log.events[rev - 1];
  if (first !== undefined) {
    return first.value.equals(event.value) ? [] : [{ rule: 'one rev, two contents in the log', detail: where }];
  }
  const violations: Violation[] = [];
  const add = (rule: string, detail: string): void => void violations.push({ rule, detail: `${where}: ${detail}` });
  const last = log.events.length;
  if (rev !== last + 1) add('rev not dense in the log', `after rev ${last}`);
  if (event.key !== chat) add('wrong key in the log', event.key);
  if (log.events.at(-1) !== undefined && log.events.at(-1)!.partition !== event.partition) {
    add('chat in two partitions', `before in ${log.events.at(-1)!.partition}`);
  }
  if (seq !== log.seq + (message === null ? 0 : 1)) add('seq not dense in the log', `${seq} after ${log.seq}`);
  if (message !== null) {
    const key = `${by}/${message.clientId}`;
    if (log.placeOf.has(key)) add('doubled in the log', key);
    log.placeOf.set(key, { seq, rev });
  }
  log.events[rev - 1] = event;
  log.seq = seq;
  return violations;
}

function checkSend(log: ChatLog | undefined, { by, clientId, chat, outcome, seq, rev }: SendRecord): Violation[] {
  const key = `${by}/${clientId}`;
  const place = log?.placeOf.get(key);
  if (outcome === 'refused') {
    return place === undefined ? [] : [{ rule: 'refused but in the log', detail: `${chat}: ${key}` }];
  }
  if (outcome !== 'acked' || (place?.seq === seq && place?.rev === rev)) return [];
  const found = place === undefined ? 'nowhere' : `at seq ${place.seq} rev ${place.rev}`;
  return [
    { rule: 'acknowledged elsewhere than in the log', detail: `${chat}: ${key} (seq ${seq}, rev ${rev}) ${found}` },
  ];
}
