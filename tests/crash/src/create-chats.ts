import type { TokenSource } from '@garam/tests-driver/dev-token';
import { connectGaram } from '@garam/tests-driver/garam-connection';
import type { Random } from '@garam/tests-driver/random';
import type { Position } from './evidence.ts';
import { patiently } from '@garam/tests-driver/patiently';

/** A chat of the run and who is in it. */
export interface CrashChat {
  chat: string;
  members: string[];
  /** Who may send; the others are members whose sends must be refused. */
  senders: string[];
  /** The head before the load: every view begins here. */
  start: Position;
}

/**
 * A ring of direct chats, groups of 5 to 20 members, and one group in which only its owner may send.
 */
export async function createChats(
  url: string,
  tokens: TokenSource,
  users: readonly string[],
  random: Random,
): Promise<CrashChat[]> {
  const chats: CrashChat[] = [];
  for (let i = 0; i < users.length; i += 2) {
    chats.push(await createChat(url, tokens, [users[i]!, users[(i + 3) % users.length]!], {}));
  }
  for (const size of GROUP_SIZES) {
    chats.push(await createChat(url, tokens, sample(users, Math.min(size, users.length), random), {}));
  }
  chats.push(await createChat(url, tokens, sample(users, Math.min(6, users.length), random), { send: 'admins' }));
  return chats;
}

const GROUP_SIZES = [5, 8, 13, 20];

async function createChat(
  url: string,
  tokens: TokenSource,
  members: string[],
  settings: { send?: 'admins' },
): Promise<CrashChat> {
  return patiently((attempt) => tryToCreate(url, tokens, members, { ...settings, attempt }));
}

async function tryToCreate(
  url: string,
  tokens: TokenSource,
  members: string[],
  { attempt, ...settings }: { send?: 'admins'; attempt: number },
): Promise<CrashChat> {
  const [owner, ...others] = members;
  const connection = await connectGaram({ url, token: await tokens.token(owner!), device: 'creator' });
  try {
    const group = { kind: 'group', title: `group of ${members.length}`, settings: { ...SETTINGS, ...settings } };
    const created = await connection.command({
      t: 'chat.create',
      clientId: `create-${members.length}-${members.join('-').slice(0, 50)}`,
      members: others,
      attempt,
      ...(members.length === 2 ? { kind: 'direct' } : group),
    });
    const chat = String(created['chat'].chat);
    const reply = await connection.command({ t: 'chat.get', chat });
    const { seq, rev } = reply['chat'].head as Position;
    return { chat, members, senders: settings.send === 'admins' ? [owner!] : members, start: { seq, rev } };
  } finally {
    connection.close();
  }
}

const SETTINGS = { join: 'invite', history: 'all', send: 'all', invite: 'all' };

function sample(users: readonly string[], size: number, random: Random): string[] {
  const left = [...users];
  return Array.from({ length: size }, () => left.splice(random.integer(left.length), 1)[0]!);
}
