import { eachLimited } from '@garam/tests-driver/deadline';
import type { TokenSource } from '@garam/tests-driver/dev-token';
import { connectGaram } from '@garam/tests-driver/garam-connection';
import type { GaramConnection } from '@garam/tests-driver/garam-connection';
import type { ChatClient } from './chat-client.ts';
import type { CrashChat } from './create-chats.ts';
import { seenMessage } from './evidence.ts';
import type { MemberEvidence, Position, SeenEvent, SeenMessage } from './evidence.ts';
import { patiently } from '@garam/tests-driver/patiently';

/** Sends one command and gives the fields of its `ok`. */
type Ask = (fields: { t: string } & Record<string, unknown>) => Promise<Record<string, unknown>>;

/** Reads, as every member and on a fresh device, the full history and all events of every chat; members in turn at each address. */
export async function collectEvidence(
  urls: readonly string[],
  tokens: TokenSource,
  chats: readonly CrashChat[],
  clients: readonly ChatClient[],
): Promise<MemberEvidence[]> {
  const evidence: MemberEvidence[] = [];
  await eachLimited(clients, 4, async (client, index) => {
    const url = urls[index % urls.length]!;
    const token = await tokens.token(client.user);
    const connection = await patiently(() => connectGaram({ url, token, device: 'checker' }));
    try {
      for (const { chat, members } of chats) {
        if (!members.includes(client.user)) continue;
        const view = client.views.get(chat)!;
        const { history, head } = await readHistory((fields) => connection.command(fields), chat);
        const events = await readEvents(connection, chat);
        const live = { live: view.messages, liveFrom: view.from, liveTo: view.cursor };
        evidence.push({ chat, user: client.user, history, head, events, ...live });
      }
    } finally {
      connection.close();
    }
  });
  return evidence;
}

/** The whole history, page by page. */
export async function readHistory(ask: Ask, chat: string): Promise<{ history: SeenMessage[]; head: Position }> {
  const history: SeenMessage[] = [];
  for (;;) {
    const page = await patiently(() => ask({ t: 'history', chat, after: history.at(-1)?.seq ?? 0, limit: 100 }));
    const messages = page['messages'] as Record<string, unknown>[];
    history.push(...messages.map((message) => seenMessage(message)));
    if (page['hasNewer'] !== true || messages.length === 0) return { history, head: page['head'] as Position };
  }
}

async function readEvents(connection: GaramConnection, chat: string): Promise<SeenEvent[]> {
  const events: SeenEvent[] = [];
  let cursor: Position = { seq: 0, rev: 0 };
  for (;;) {
    const page = await patiently(() => connection.command({ t: 'sync', chat, ...cursor, limit: 500 }));
    if (page['reset'] === true) throw new Error(`sync of ${chat} from 0 as a member since its creation was reset`);
    const frames = page['events'] as Record<string, unknown>[];
    for (const frame of frames) {
      const event = seenEvent(frame);
      events.push(event);
      cursor = { seq: event.message?.seq ?? cursor.seq, rev: event.rev };
    }
    if (page['more'] !== true || frames.length === 0) return events;
  }
}

function seenEvent(frame: Record<string, unknown>): SeenEvent {
  const rev = Number(frame['rev']);
  const type = String(frame['type']);
  const message =
    type === 'message.created'
      ? seenMessage(frame['message'] as Record<string, unknown>, { rev, by: String(frame['by']) })
      : null;
  return { rev, type, message };
}
