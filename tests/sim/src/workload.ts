import { directChatId, madeChatId } from '@garam/intake/derive-chat-id';
import type { Cluster } from './cluster.ts';
import type { Evidence, Wish } from './evidence.ts';
import { HttpCaller } from './http-caller.ts';
import { SimClient } from './sim-client.ts';
import type { World } from './world.ts';

/** What some gateways do not let through. */
export const BLOCKED_WORD = 'plum';
/** Owner of the group; the others come and go. */
const OWNER = 'alice';
const GUESTS = ['bob', 'carol', 'dave'];
const BURSTS = { least: 2, most: 4 };
const ACTIONS_PER_BURST = { least: 4, most: 8 };

/** A stretch of time in which people are active. */
export interface Burst {
  fromMs: number;
  untilMs: number;
}

export interface Workload {
  readonly clients: readonly SimClient[];
  readonly caller: HttpCaller;
  readonly bursts: readonly Burst[];
  /** When people have done all they want. */
  readonly endMs: number;
  send(client: SimClient, chat: string, text: string): Wish;
}

/** People, what they do and when: a function of the seed. */
export function createWorkload(world: World, cluster: Cluster, evidence: Evidence): Workload {
  const { random, scheduler, profile } = world;
  const devices = [OWNER, ...GUESTS].map((user) => ({ user, device: 'phone' }));
  devices.push({ user: random.pick([OWNER, ...GUESTS]), device: 'laptop' });
  const clients = devices.map((given) => new SimClient(world, cluster, { ...given, evidence }));
  const caller = new HttpCaller(world, cluster);
  const group = madeChatId(OWNER, 'group');
  const direct = directChatId(OWNER, 'bob');
  let wishes = 0;

  const wish = (
    sender: string,
    user: string,
    given: Pick<Wish, 'type' | 'chat' | 'fields'> & { clientId?: string },
  ): Wish => {
    const order = ++wishes;
    const made: Wish = {
      user,
      sender,
      clientId: `${given.type === 'message.send' ? 'm' : 'x'}${order}`,
      order,
      ...given,
      begunAt: -1,
      attempt: 0,
      state: 'waiting',
      settledAt: -1,
      seq: 0,
      rev: 0,
    };
    evidence.wishes.push(made);
    return made;
  };
  const send = (client: SimClient, chat: string, text: string): Wish => {
    const made = wish(client.name, client.user, { type: 'message.send', chat, fields: { kind: 'text', text } });
    client.wish(made);
    return made;
  };
  const owner = clients[0]!;
  const change = (type: Wish['type'], chat: string, fields: Record<string, unknown>, client = owner): void =>
    client.wish(wish(client.name, client.user, { type, chat, fields }));

  const text = () => `${random.chance(0.15) ? `${BLOCKED_WORD} ` : ''}text ${random.integer(1_000)}`;
  const chatFor = () => (random.chance(0.2) ? direct : group);

  function act(): void {
    const choice = random.next();
    if (choice < profile.membershipChanges) {
      const user = random.pick(GUESTS);
      if (random.chance(0.5)) welcome(user);
      else change('member.remove', group, { user });
    } else if (choice < profile.membershipChanges + profile.http) {
      const user = random.pick([OWNER, ...GUESTS]);
      caller.wish(wish('http', user, { type: 'message.send', chat: group, fields: { text: text() } }));
    } else if (choice < 0.92) {
      const client = random.pick(clients);
      const chat = chatFor();
      for (let count = random.chance(0.25) ? 3 : 1; count > 0; count--) send(client, chat, text());
    } else changeOwn();
  }

  /** Some cannot wait. */
  function welcome(user: string): void {
    const isEager = random.chance(profile.eagerGuests);
    if (isEager)
      send(
        clients.find((client) => client.user === user)!,
        group,
        text(),
      );
    const add = () => change('member.add', group, { users: [user] });
    if (isEager) scheduler.schedule(random.between(20, 1_500), add);
    else add();
  }

  /** Edits or deletes a message one has sent. */
  function changeOwn(): void {
    const own = evidence.wishes.filter(
      (made) => made.type === 'message.send' && made.state === 'accepted' && made.sender !== 'http',
    );
    if (own.length === 0) return;
    const { user, chat, seq } = random.pick(own);
    const client = clients.find((candidate) => candidate.user === user)!;
    if (random.chance(0.6)) change('message.edit', chat, { seq, text: `edited ${random.integer(1_000)}` }, client);
    else change('message.delete', chat, { seq }, client);
  }

  for (const client of clients) scheduler.schedule(random.between(0, 1_500), () => client.goOnline());
  const groupMembers = GUESTS.filter(() => random.chance(0.6));
  scheduler.schedule(random.between(0, 800), () => {
    const fields = { kind: 'group', members: groupMembers };
    owner.wish(wish(owner.name, OWNER, { type: 'chat.create', chat: group, fields, clientId: 'group' }));
  });
  for (const [client, other] of [
    [owner, 'bob'],
    [clients[1]!, OWNER],
  ] as const) {
    if (random.chance(0.6)) {
      scheduler.schedule(random.between(0, 2_500), () =>
        change('chat.create', direct, { kind: 'direct', members: [other] }, client),
      );
    }
  }

  const bursts = planBursts(world);
  for (const { fromMs, untilMs } of bursts) {
    const count = ACTIONS_PER_BURST.least + random.integer(ACTIONS_PER_BURST.most - ACTIONS_PER_BURST.least + 1);
    for (let index = 0; index < count; index++) scheduler.schedule(random.between(fromMs, untilMs), act);
  }
  return { clients, caller, bursts, endMs: bursts.at(-1)!.untilMs, send };
}

/** Between bursts little happens, seconds or minutes long. */
function planBursts({ random, profile, scheduler }: World): Burst[] {
  const bursts: Burst[] = [];
  let atMs = scheduler.nowMs + 1_000;
  const count = BURSTS.least + random.integer(BURSTS.most - BURSTS.least + 1);
  for (let index = 0; index < count; index++) {
    const untilMs = atMs + random.between(1_500, 5_000);
    bursts.push({ fromMs: atMs, untilMs });
    atMs = untilMs + (random.chance(profile.longGaps) ? random.between(20_000, 150_000) : random.between(300, 8_000));
  }
  return bursts;
}
