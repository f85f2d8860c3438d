import { eachLimited } from '@garam/tests-driver/deadline';
import { connectGaram } from '@garam/tests-driver/garam-connection';
import type { Frame, GaramConnection } from '@garam/tests-driver/garam-connection';
import { patiently } from '@garam/tests-driver/patiently';
import type { Target } from './target.ts';

/** A connected user. Each takes part in one chat: what is measured is the server, not the bookkeeping of the driver. */
export interface Member {
  index: number;
  user: string;
  chat: BenchChat;
  connection: GaramConnection;
}

export interface BenchChat {
  index: number;
  id: string;
  members: Member[];
}

/** Everyone online, and where their frames go while a run is on. */
export interface Population {
  chats: readonly BenchChat[];
  members: readonly Member[];
  listener: PopulationListener | null;
  close(): void;
}

export interface PopulationListener {
  push(member: Member, frame: Frame): void;
  reply(member: Member, frame: Frame): void;
  closed(member: Member, code: number, reason: string): void;
}

export interface PopulationShape {
  /** Names the users, so that two populations on one server do not meet. */
  prefix: string;
  chats: number;
  membersPerChat: number;
}

/**
 * Creates the chats and connects everyone. The creator of a chat is connected before it, the others after it: both
 * ways into a chat's live events are used.
 */
export async function connectPopulation(target: Target, shape: PopulationShape): Promise<Population> {
  const chats: BenchChat[] = [];
  const members: Member[] = [];
  const population: Population = {
    chats,
    members,
    listener: null,
    close: () => members.forEach((member) => member.connection.close()),
  };
  const names = Array.from({ length: shape.chats }, (_, chat) =>
    Array.from({ length: shape.membersPerChat }, (_, i) => `${shape.prefix}-${chat}-${i}`),
  );
  await eachLimited(names, 16, async (users, index) => {
    const chat: BenchChat = { index, id: '', members: [] };
    chats[index] = chat;
    const creator = await connectMember(target, population, chat, users[0]!);
    chat.id = await createChat(creator.connection, users, `${shape.prefix}-${index}`);
  });
  const others = names.flatMap((users, index) => users.slice(1).map((user) => ({ user, chat: chats[index]! })));
  await eachLimited(others, 32, async ({ user, chat }) => {
    await connectMember(target, population, chat, user);
  });
  return population;
}

async function connectMember(target: Target, population: Population, chat: BenchChat, user: string): Promise<Member> {
  const token = await target.tokens.token(user);
  const url = target.urls[(chat.index + chat.members.length) % target.urls.length]!;
  const member = { index: -1, user, chat } as Member;
  let isIn = false;
  member.connection = await patiently(() =>
    connectGaram({
      url,
      token,
      device: 'bench',
      onPush: (frame) => population.listener?.push(member, frame),
      onReply: (frame) => population.listener?.reply(member, frame),
      onClose: (code, reason) => isIn && population.listener?.closed(member, code, reason),
    }),
  );
  isIn = true;
  member.index = (population.members as Member[]).push(member) - 1;
  chat.members.push(member);
  return member;
}

async function createChat(connection: GaramConnection, users: readonly string[], name: string): Promise<string> {
  const [, ...others] = users;
  const direct = users.length === 2;
  const created = await untilTaken(connection, {
    t: 'chat.create',
    clientId: `create-${name}`,
    kind: direct ? 'direct' : 'group',
    members: others.slice(0, MEMBERS_PER_COMMAND - 1),
    ...(direct ? {} : { title: name }),
  });
  const chat = String(created['chat'].chat);
  for (let from = MEMBERS_PER_COMMAND - 1; from < others.length; from += MEMBERS_PER_COMMAND) {
    const batch = others.slice(from, from + MEMBERS_PER_COMMAND);
    await untilTaken(connection, { t: 'member.add', chat, clientId: `add-${name}-${from}`, users: batch });
  }
  return chat;
}

function untilTaken(connection: GaramConnection, command: { t: string } & Record<string, unknown>): Promise<Frame> {
  return patiently((attempt) => connection.command(attempt === 1 ? command : { ...command, attempt }));
}

const MEMBERS_PER_COMMAND = 200;
