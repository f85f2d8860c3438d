import type { EventBody, EventRecord } from '@garam/contracts/event-record';
import type { Head, Summary } from '@garam/protocol/entities';
import { Refusal } from '@garam/protocol/errors';
import type { StoredHead, StoredMembership, ViewReads } from '@garam/store/view-reads';
import { toWireEvent } from '@garam/views/to-wire-event';
import type { EventPage, Views } from '@garam/views/views';

interface Happening {
  by: string;
  body: EventBody;
  cause?: EventRecord['cause'];
  atMs: number;
}

/** Chats as lists of events, of which readers see those that a test has let the persister get to. */
export class LaggingStore
  implements Pick<ViewReads, 'heads' | 'chatsOf' | 'membership'>, Pick<Views, 'eventsAfter' | 'chat'>
{
  readonly #chats = new Map<string, EventRecord[]>();
  readonly #persisted = new Map<string, number>();
  readonly #persistedMembers = new Map<string, number>();
  #held: Promise<void> | undefined;

  append(chat: string, { by, body, cause, atMs }: Happening): EventRecord {
    const events = this.#chats.get(chat) ?? [];
    this.#chats.set(chat, events);
    const seq = (events.at(-1)?.seq ?? 0) + (body.type === 'message.created' ? 1 : 0);
    const rev = events.length + 1;
    const event: EventRecord = { chat, rev, seq, clock: atMs * 1_000 + rev, by, body, ...(cause ? { cause } : {}) };
    events.push(event);
    return event;
  }

  persist(chat: string, rev = this.#chats.get(chat)?.length ?? 0): void {
    this.#persisted.set(chat, rev);
  }

  /** Rows of membership are written first: they may be ahead of the head. */
  persistMembers(chat: string): void {
    this.#persistedMembers.set(chat, this.#chats.get(chat)?.length ?? 0);
  }

  /** Answers nothing until the returned function is called. */
  hold(): () => void {
    const held = Promise.withResolvers<void>();
    this.#held = held.promise;
    return () => {
      this.#held = undefined;
      held.resolve();
    };
  }

  async heads(chats: readonly string[]): Promise<(StoredHead | null)[]> {
    await this.#held;
    return chats.map((chat) => headOf(chat, this.#seen(chat)));
  }

  async chatsOf(user: string): Promise<StoredMembership[]> {
    await this.#held;
    return [...this.#chats.keys()]
      .map((chat) => membershipOf(chat, user, this.#members(chat)))
      .filter((row) => row !== null);
  }

  async membership(user: string, chat: string): Promise<StoredMembership | null> {
    await this.#held;
    return membershipOf(chat, user, this.#members(chat));
  }

  async eventsAfter(
    chat: string,
    { rev }: { rev: number },
    { limit, atLeastRev }: { limit: number; atLeastRev: number },
  ): Promise<EventPage> {
    await this.#held;
    const events = this.#seen(chat);
    if (events.length < atLeastRev) throw new Refusal('unavailable');
    const page = events.slice(rev, rev + limit).map(toStoredEvent);
    return { events: page, head: wireHead(headOf(chat, events)!), more: rev + limit < events.length };
  }

  async chat(user: string, chat: string, atLeastRev = 0): Promise<Summary> {
    await this.#held;
    const events = this.#seen(chat);
    if (events.length < atLeastRev) throw new Refusal('unavailable');
    if (membershipOf(chat, user, events)?.role == null) throw new Refusal('not_found');
    return { chat, head: wireHead(headOf(chat, events)!) } as Summary;
  }

  #members(chat: string): EventRecord[] {
    const rev = Math.max(this.#persisted.get(chat) ?? 0, this.#persistedMembers.get(chat) ?? 0);
    return (this.#chats.get(chat) ?? []).slice(0, rev);
  }

  #seen(chat: string): EventRecord[] {
    return (this.#chats.get(chat) ?? []).slice(0, this.#persisted.get(chat) ?? 0);
  }
}

/** Messages come without their record, as from the store. */
function toStoredEvent(record: EventRecord): EventPage['events'][number] {
  const wire = toWireEvent(record);
  return record.body.type === 'message.created' ? { wire } : { wire, record };
}

function headOf(chat: string, events: readonly EventRecord[]): StoredHead | null {
  const last = events.at(-1);
  if (last === undefined) return null;
  const settings = { join: 'invite', history: 'joined', send: 'all', invite: 'all' } as const;
  const { rev, seq, clock } = last;
  return { chat, seq, rev, clock, at: Math.floor(clock / 1_000), kind: 'group', settings, memberCount: 2 };
}

function wireHead({ seq, rev, at }: StoredHead): Head {
  return { seq, rev, at };
}

const PLAIN = { read: 0, delivered: 0, muted: false, pinned: false, joinedAt: 0 };

function membershipOf(chat: string, user: string, events: readonly EventRecord[]): StoredMembership | null {
  let row: StoredMembership | null = null;
  for (const { rev, seq, body } of events) {
    if (body.type === 'chat.created' && body.members.some((member) => member.user === user))
      row = { chat, user, role: 'member', visibleFrom: 1, visibleFromRev: 1, rev, ...PLAIN };
    if (body.type === 'member.added' && body.users.includes(user))
      row = { chat, user, role: 'member', visibleFrom: body.from, visibleFromRev: body.viewRev, rev, ...PLAIN };
    if (body.type === 'member.removed' && body.user === user && row !== null)
      row = { ...row, role: null, leftAtSeq: seq, rev };
  }
  return row;
}
