import { randomBytes } from 'node:crypto';
import type { ClusterWorld } from '@garam/tests-crash/cluster/cluster-world';
import { patiently } from '@garam/tests-driver/patiently';
import { pause } from '@garam/tests-driver/deadline';
import { CommandRefused, connectGaram } from '@garam/tests-driver/garam-connection';
import type { Frame, GaramConnection } from '@garam/tests-driver/garam-connection';

/** How a command ended for the one who gave it. */
export interface Outcome {
  /** The name in `err`; `ok`; `silence` when nothing came. */
  name: string;
  frame: Frame | null;
  tookMs: number;
}

export interface Person {
  user: string;
  connection: GaramConnection;
  /** Texts of the messages pushed, in their order, with repetitions if there are any. */
  heard: string[];
}

/** Two people of a chat of their own, each at another gateway, who keep their connections. */
export interface Pair {
  chat: string;
  speaker: Person;
  listener: Person;
  /** Texts acknowledged, in their order. */
  said: string[];
}

const SILENCE_MS = 15_000;
const RETRY_MS = 250;

export async function openPair(world: ClusterWorld, name: string): Promise<Pair> {
  const [first, second] = world.cluster.gateways();
  const speaker = await patiently(() => enter(world, `${name}-speaker`, first!));
  const listener = await patiently(() => enter(world, `${name}-listener`, second!));
  const fields = { t: 'chat.create', kind: 'group', members: [listener.user], clientId: newId() };
  const created = await patiently((number) => speaker.connection.command({ ...fields, attempt: number }));
  return { chat: String(created['chat'].chat), speaker, listener, said: [] };
}

/** Connects on a device of its own; pushes are kept from the first on. */
export async function enter({ tokens }: Pick<ClusterWorld, 'tokens'>, user: string, url: string): Promise<Person> {
  const heard: string[] = [];
  const connection = await connectGaram({
    url,
    token: await tokens.token(user),
    device: newId(),
    onPush: ({ t, type, message }) => {
      if (t === 'event' && type === 'message.created') heard.push(String(message.text));
    },
  });
  return { user, connection, heard };
}

/** One attempt of a command and how it ended. */
export async function attempt(
  { connection }: Pick<Person, 'connection'>,
  fields: { t: string } & Record<string, unknown>,
): Promise<Outcome> {
  const begun = performance.now();
  const ended = (name: string, frame: Frame | null): Outcome => ({ name, frame, tookMs: performance.now() - begun });
  try {
    return ended('ok', await connection.command(fields, SILENCE_MS));
  } catch (error) {
    return ended(error instanceof CommandRefused ? nameOf(error) : 'silence', null);
  }
}

/** Sends as an outbox does: again with the same clientId until it is acknowledged, or the deadline is over. */
export async function say(pair: Pair, text: string, deadlineMs: number, firstAttempt = 1): Promise<Frame> {
  const end = performance.now() + deadlineMs;
  const message = { t: 'message.send', chat: pair.chat, kind: 'text', text, clientId: newId() };
  for (let number = firstAttempt; ; number += 1) {
    const outcome = await attempt(pair.speaker, { ...message, attempt: number });
    if (outcome.frame !== null) {
      pair.said.push(text);
      return outcome.frame;
    }
    if (performance.now() > end)
      throw new Error(`"${text}" was not acknowledged: ${outcome.name} at attempt ${number}`);
    await pause(RETRY_MS);
  }
}

/** The texts of the chat's history, through the listener's gateway, asked for again while a server is just coming back. */
export async function history({ chat, listener }: Pair): Promise<string[]> {
  const ask = { t: 'history', chat, after: 0, limit: 100 };
  const page = await patiently(() => listener.connection.command(ask, SILENCE_MS));
  return (page['messages'] as { text: string }[]).map(({ text }) => text);
}

export function newId(): string {
  return randomBytes(10).toString('hex');
}

/** `message.send refused: 503 unavailable …` */
function nameOf({ message }: CommandRefused): string {
  return /refused: \d+ (\S+)/.exec(message)?.[1] ?? message;
}
