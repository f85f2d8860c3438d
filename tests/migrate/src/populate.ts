import { randomBytes } from 'node:crypto';
import { eachLimited } from '@garam/tests-driver/deadline';
import type { Cursor } from '@garam/tests-driver/garam-connection';
import type { Person } from './people.ts';

/** A send that was answered, to be repeated later. */
export interface Sent {
  by: string;
  chat: string;
  text: string;
  clientId: string;
  seq: number;
  rev: number;
}

export interface Population {
  people: Person[];
  chats: { chat: string; members: string[] }[];
  sent: Sent[];
}

const USERS = ['ann', 'ben', 'cho', '다희', 'eve', 'fay', 'gus', 'hal'];
const MESSAGES_PER_CHAT = 165;
const INFLIGHT = 25;

export const userNames = (): string[] => USERS.map((name) => `${name}-${randomBytes(3).toString('hex')}`);
const clientId = () => randomBytes(10).toString('hex');

/** Direct chats, groups and a channel in which everything has happened that a chat can hold. */
export async function populate(people: Person[]): Promise<Population> {
  const population: Population = { people, chats: [], sent: [] };
  for (const [index, person] of people.entries())
    await create(population, person, { kind: 'direct', members: [at(people, index + 1).user] });
  for (let index = 0; index < 20; index++) {
    const others = [1, 2, 3, 5].slice(0, 2 + (index % 3)).map((step) => at(people, index + step).user);
    const settings = { history: index % 2 === 0 ? 'all' : 'joined' };
    const fields = { kind: 'group', title: `모임 ${index}`, members: others, settings };
    await create(population, at(people, index), fields);
  }
  await create(population, people[0]!, {
    kind: 'channel',
    title: 'news',
    members: people.slice(1).map(({ user }) => user),
    settings: { send: 'all' },
  });
  await eachLimited(population.chats, 8, ({ chat, members }) =>
    talk(population, chat, { members, count: MESSAGES_PER_CHAT }),
  );
  await eachLimited(population.chats, 8, (each) => change(population, each));
  await people[0]!.connection.command({ t: 'user.block', user: people[6]!.user, on: true });
  return population;
}

const at = <T>(items: readonly T[], index: number): T => items[index % items.length]!;

async function create({ chats }: Population, { user, connection }: Person, fields: object): Promise<void> {
  const { chat } = await connection.command({ t: 'chat.create', clientId: clientId(), ...fields });
  const { members } = fields as { members: string[] };
  chats.push({ chat: chat.chat, members: [user, ...members] });
}

/** `count` messages by the members in turn, many on their way. */
export async function talk(
  { people, sent }: Population,
  chat: string,
  { members, count }: { members: readonly string[]; count: number },
): Promise<void> {
  const texts = Array.from({ length: count }, (_, index) => `${index}: 안녕 👋 ${randomBytes(6).toString('hex')}`);
  await eachLimited(texts, Math.min(INFLIGHT, 2 * members.length), async (text, index) => {
    const by = at(members, index);
    const { connection } = people.find(({ user }) => user === by)!;
    const id = clientId();
    const { seq, rev } = await connection.command({ t: 'message.send', chat, kind: 'text', text, clientId: id });
    sent.push({ by, chat, text, clientId: id, seq, rev });
  });
}

async function change({ people, sent }: Population, { chat, members }: { chat: string; members: string[] }) {
  const as = (user: string) => people.find((person) => person.user === user)!.connection;
  const [owner, other] = [members[0]!, members[1]!];
  const own = sent.find((each) => each.chat === chat && each.by === owner);
  const lines = sent.filter((each) => each.chat === chat && each.by === other);
  const durable = (user: string, fields: { t: string } & Record<string, unknown>) =>
    as(user).command({ chat, clientId: clientId(), ...fields });
  await durable(owner, { t: 'message.edit', seq: own!.seq, text: 'edited', data: { why: ['a', 1] } });
  await durable(other, { t: 'message.delete', seq: lines[0]!.seq });
  for (const user of members) await durable(user, { t: 'reaction.set', seq: lines[1]!.seq, emoji: '👍', on: true });
  await durable(owner, { t: 'reaction.set', seq: lines[1]!.seq, emoji: '👍', on: false });
  await as(other).command({ t: 'read', chat, seq: 50 });
  await as(owner).command({ t: 'delivered', chat, seq: 100 });
  await as(other).command({ t: 'chat.prefs', chat, muted: true, pinned: members.length === 3 });
  if (members.length < 3) return;
  const outsider = people.find(({ user }) => !members.includes(user));
  await durable(owner, { t: 'chat.update', title: '새 이름' });
  await durable(owner, { t: 'member.role', user: other, role: 'admin' });
  if (outsider === undefined) return;
  await durable(owner, { t: 'member.add', users: [outsider.user] });
  await durable(outsider.user, { t: 'message.send', kind: 'text', text: 'hello and good-bye' });
  await durable(owner, { t: 'member.remove', user: outsider.user });
}

/** Where somebody stands who has seen everything. */
export async function cursorsOf({ connection }: Person): Promise<Cursor[]> {
  const { chats } = await connection.command({ t: 'chats.list', limit: 100 });
  return (chats as { chat: string; head: { seq: number; rev: number } }[]).map(({ chat, head }) => ({
    chat,
    seq: head.seq,
    rev: head.rev,
  }));
}
