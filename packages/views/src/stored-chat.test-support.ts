import type { MessageContent, Role, Settings } from '@garam/contracts/chat-values';
import type { EventBody, EventRecord } from '@garam/contracts/event-record';
import type { HeadRow, ViewWrites } from '@garam/store/view-writes';

const SETTINGS: Settings = { join: 'invite', history: 'joined', send: 'all', invite: 'all' };

export interface StoredChatOptions {
  chat?: string;
  kind?: 'direct' | 'group' | 'channel';
  members: readonly string[];
  /** Clock of the first event, µs. */
  clock?: number;
}

/** A chat written to a store event by event, in the order of rows in which the persister writes them. */
export interface StoredChat {
  readonly chat: string;
  readonly seq: number;
  readonly rev: number;
  /** Every event so far. */
  readonly events: readonly EventRecord[];
  send(by: string, content: Partial<MessageContent>): Promise<number>;
  edit(by: string, seq: number, text: string): Promise<void>;
  remove(by: string, seq: number): Promise<void>;
  react(by: string, seq: number, emoji: string, on?: boolean): Promise<void>;
  join(user: string, options?: { from?: number; viewRev?: number }): Promise<void>;
  leave(user: string): Promise<void>;
  retitle(by: string, title: string): Promise<void>;
}

export async function storeChat(writes: ViewWrites, options: StoredChatOptions): Promise<StoredChat> {
  const chat = options.chat ?? 'gchat';
  const events: EventRecord[] = [];
  const present = new Set(options.members);
  let seq = 0;
  let rev = 0;
  let clock = options.clock ?? 1_000_000_000_000;

  async function append(by: string, body: EventBody, write: (event: EventRecord) => Promise<unknown>): Promise<void> {
    const event: EventRecord = { chat, rev: ++rev, seq, clock: (clock += 1_000_000), by, body };
    events.push(event);
    await write(event);
    if (body.type !== 'message.created') await writes.putChanges([{ event, notice: isNotice(body) }]);
    const head: HeadRow = { chat, seq, rev, clock, memberCount: present.size };
    if (body.type === 'message.created' || rev === 1) head.at = clock / 1_000;
    if (body.type === 'chat.created') Object.assign(head, { kind: body.kind, settings: body.settings });
    if (body.type === 'chat.updated') Object.assign(head, { title: body.title });
    await writes.putHeads([head]);
  }

  const membership = (user: string, role: Role | null, view: { visibleFrom: number; visibleFromRev: number }) =>
    writes.putMemberships([{ chat, user, role, ...view, joinedAt: clock / 1_000, rev, clock }]);

  const stored: StoredChat = {
    chat,
    get seq() {
      return seq;
    },
    get rev() {
      return rev;
    },
    events,
    async send(by, content) {
      const clientId = `c${++seq}`;
      const message = { kind: 'text' as const, ...content };
      await append(by, { type: 'message.created', clientId, ...message }, async (event) => {
        await writes.putMessages([{ chat, seq, rev, clock: event.clock, by, clientId, ...message }]);
        await writes.raiseMarks([{ chat, user: by, delivered: seq, read: seq }]);
      });
      return seq;
    },
    edit: (by, edited, text) =>
      append(by, { type: 'message.edited', seq: edited, text }, (event) =>
        writes.editMessages([{ chat, seq: edited, clock: event.clock, text }]),
      ),
    remove: (by, removed) =>
      append(by, { type: 'message.deleted', seq: removed }, (event) =>
        writes.deleteMessages([{ chat, seq: removed, clock: event.clock }]),
      ),
    react: (by, target, emoji, on = true) =>
      append(by, { type: 'reaction.set', seq: target, emoji, on }, (event) =>
        writes.putReactions([{ chat, seq: target, emoji, user: by, on, clock: event.clock }]),
      ),
    async join(user, { from = seq + 1, viewRev = rev + 1 } = {}) {
      present.add(user);
      const body: EventBody = { type: 'member.added', users: [user], from, viewRev, memberCount: present.size };
      await append(user, body, () => membership(user, 'member', { visibleFrom: from, visibleFromRev: viewRev }));
    },
    async leave(user) {
      present.delete(user);
      await append(user, { type: 'member.removed', user, memberCount: present.size }, (event) =>
        writes.putMemberships([{ chat, user, role: null, leftAtSeq: seq, rev, clock: event.clock }]),
      );
    },
    retitle: (by, title) => append(by, { type: 'chat.updated', title }, async () => undefined),
  };
  await create(options, append, (user, role) => membership(user, role, { visibleFrom: 1, visibleFromRev: 1 }));
  return stored;
}

async function create(
  { kind = 'group', members }: StoredChatOptions,
  append: (by: string, body: EventBody, write: () => Promise<unknown>) => Promise<void>,
  join: (user: string, role: Role) => Promise<void>,
): Promise<void> {
  const roles = members.map((user, index) => ({ user, role: (index === 0 ? 'owner' : 'member') as Role }));
  await append(members[0]!, { type: 'chat.created', kind, settings: SETTINGS, members: roles }, () =>
    Promise.all(roles.map(({ user, role }) => join(user, role))),
  );
}

const isNotice = ({ type }: EventBody) => type.startsWith('chat.') || type.startsWith('member.');
