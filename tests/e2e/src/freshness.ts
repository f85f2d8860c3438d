import { setTimeout as sleep } from 'node:timers/promises';
import type { Loose } from './loose.ts';

/**
 * What a connection was told it must see in every later reply; what only others were told it sees soon. These tests hold
 * the server to the first at once (see `WsClient.ok`) and wait for the second before they look.
 */
const acknowledged = new Map<string, number>();
const SOON_MS = 5_000;
const PAUSE_MS = 20;

/** Some connection was answered with this rev of the chat. */
function noteAcknowledged(chat: string, rev: number): void {
  acknowledged.set(chat, Math.max(rev, acknowledgedRev(chat)));
}

/** The highest rev of the chat that anybody was answered with. */
export function acknowledgedRev(chat: string): number {
  return acknowledged.get(chat) ?? 0;
}

/** The chats a reply speaks of, with the head it gives for each. */
export function headsIn(reply: Loose, chat: unknown): [chat: string, rev: number][] {
  const summaries: Loose[] = [...(reply.chats ?? []), ...(reply.chat?.head ? [reply.chat] : [])];
  const heads: [string, number][] = summaries.map((summary) => [summary.chat, summary.head.rev]);
  if (typeof chat === 'string' && typeof reply.head?.rev === 'number') heads.push([chat, reply.head.rev]);
  return heads;
}

/** Notes what an ok reply acknowledges; `chat` as the command named it. */
export function noteReply(reply: Loose, chat: unknown): [chat: string, rev: number] | undefined {
  const told: [unknown, unknown] = reply.chat?.head ? [reply.chat.chat, reply.chat.head.rev] : [chat, reply.rev];
  const [id, rev] = told;
  if (typeof id !== 'string' || typeof rev !== 'number') return undefined;
  noteAcknowledged(id, rev);
  return [id, rev];
}

/**
 * Repeats `read` until every head in its reply has reached what others were told, then resolves with that reply. A
 * refusal ends it.
 */
export async function readFresh<T>(
  read: () => Promise<T>,
  heads: (reply: T) => [chat: string, rev: number][],
): Promise<T> {
  const deadline = Date.now() + SOON_MS;
  for (;;) {
    const reply = await read();
    const stale = heads(reply).filter(([chat, rev]) => rev < acknowledgedRev(chat));
    if (stale.length === 0) return reply;
    if (Date.now() > deadline) throw new Error(`still behind what was acknowledged: ${JSON.stringify(stale)}`);
    await sleep(PAUSE_MS);
  }
}
