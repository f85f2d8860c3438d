import type { Random } from '@garam/tests-driver/random';
import type { ChatClient } from './chat-client.ts';
import type { CrashChat } from './create-chats.ts';

/** The running load; `stop` ends it, sends already queued go on. */
export interface Load {
  stop(): void;
  /** Keeps the clients writing without adding to what they have to write. */
  pause(): void;
}

/**
 * Sends as a Poisson process from random clients to random chats of theirs. A few sends must be refused for ever (by a
 * stranger, by a member who may not, without text), a few are reactions, a few `ok`s are taken as lost.
 */
export function startLoad(
  clients: readonly ChatClient[],
  chats: readonly CrashChat[],
  ratePerSecond: number,
  random: Random,
): Load {
  let dueAt = performance.now();
  let paused = false;
  const timer = setInterval(() => {
    const now = performance.now();
    for (; dueAt <= now; dueAt += random.exponential(1000 / ratePerSecond)) {
      if (!paused) oneCommand(random.pick(clients), chats, random);
    }
    for (const client of clients) client.pump(now);
  }, TICK_MS);
  return { stop: () => clearInterval(timer), pause: () => void (paused = true) };
}

const TICK_MS = 4;
/** While the server is down clients queue at most so much each. */
const UNSETTLED_MAX = 150;
const FILLER = ['네', '오늘 저녁 여섯 시에 만나요', 'see you there', 'ㅋㅋㅋ', 'The booking is confirmed for two.'];

function oneCommand(client: ChatClient, chats: readonly CrashChat[], random: Random): void {
  if (client.unsettled >= UNSETTLED_MAX) return;
  const dice = random.next();
  const own = chats.filter(({ senders }) => senders.includes(client.user));
  const text = `${random.pick(FILLER)} ${random.integer(1e9).toString(36)}`;
  if (dice < 0.03) {
    const forbidden = chats.filter(({ senders }) => !senders.includes(client.user));
    if (forbidden.length > 0) client.send({ chat: random.pick(forbidden).chat, text, doomed: true, deaf: false });
    return;
  }
  const { chat } = random.pick(own);
  if (dice < 0.04) client.send({ chat, text: ' ', doomed: true, deaf: false });
  else if (dice < 0.09) reactSomewhere(client, chat, random);
  else client.send({ chat, text, doomed: false, deaf: random.chance(0.005) });
}

function reactSomewhere(client: ChatClient, chat: string, random: Random): void {
  const { seq } = client.views.get(chat)!.cursor;
  if (seq > 0) client.react(chat, 1 + random.integer(seq));
}
