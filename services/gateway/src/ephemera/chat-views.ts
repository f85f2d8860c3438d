import type { ReceiptMark } from '@garam/contracts/receipt-record';
import { unreadBy, type ReadingMember } from '@garam/domain/unread-by';
import type { OkFields } from '@garam/protocol/replies';
import type { Clock } from '@garam/runtime/clock';
import type { ViewReads } from '@garam/store/view-reads';
import type { Logger } from '@garam/telemetry/logger';
import type { Views } from '@garam/views/views';
import type { Gate } from '../delivery/gate.ts';
import { authorOf, typeOf, type GateEvent } from '../delivery/gate-event.ts';
import type { Session } from '../session/session.ts';
import { SharedPush } from '../shared-push.ts';

export interface ChatViewsDeps {
  reads: Pick<ViewReads, 'members' | 'marks' | 'messages'>;
  views: Pick<Views, 'access' | 'marks' | 'view'>;
  clock: Clock;
  logger: Logger;
}

export interface ChatViewsOptions {
  /** Members above which a chat is big. */
  bigChat: number;
  /** Counts of a big chat are told at most this often. */
  countsEveryMs: number;
}

type Range = { from: number; to: number };

/** A big chat that somebody here has on screen: everyone's read mark, kept up to date. */
interface BigChat {
  members: Map<string, ReadingMember> | undefined;
  /** Changes that came while the members were read. */
  late: ((members: Map<string, ReadingMember>) => void)[];
  authors: Map<number, string>;
  ranges: Map<Session, Range>;
  /** As last told. */
  counts: Map<number, number>;
  isScheduled: boolean;
}

const SPAN_MAX = 200;
const PAGE = 1_000;
const MEMBERS_MAX = 200_000;

/**
 * Who has which part of which chat on screen. Viewers of big chats are told how many have not read each message there:
 * marks are held in memory while somebody looks, and counted at most twice a second.
 */
export class ChatViews {
  readonly #deps: ChatViewsDeps;
  readonly #options: ChatViewsOptions;
  readonly #viewers = new Map<string, Set<Session>>();
  readonly #big = new Map<string, BigChat>();

  constructor(deps: ChatViewsDeps, options: ChatViewsOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  isBig(memberCount: number): boolean {
    return memberCount > this.#options.bigChat;
  }

  viewersOf(chat: string): ReadonlySet<Session> {
    return this.#viewers.get(chat) ?? NO_SESSIONS;
  }

  /** The session looks at this part of the chat from now on. @throws Refusal */
  async open(
    session: Session,
    { chat, from, to }: { chat: string; from?: number | undefined; to?: number | undefined },
    atLeastRev: number,
  ): Promise<OkFields['chat.view']> {
    const access = await this.#deps.views.access(session.user, chat, atLeastRev);
    this.close(session);
    if (session.connection.isClosed) return {};
    session.view = { chat, from, to };
    const viewers = this.#viewers.get(chat);
    if (viewers === undefined) this.#viewers.set(chat, new Set([session]));
    else viewers.add(session);
    if (!this.isBig(access.memberCount)) return { marks: await this.#deps.views.marks(chat) };
    const last = Math.max(1, Math.min(to ?? access.head.seq, access.head.seq));
    const first = Math.max(1, Math.min(from ?? last - 49, last), last - SPAN_MAX + 1);
    return { unreadBy: await this.#openBig(session, chat, { from: first, to: last }) };
  }

  /** The session looks at nothing. */
  close(session: Session): void {
    const chat = session.view?.chat;
    if (chat === undefined) return;
    session.view = undefined;
    const viewers = this.#viewers.get(chat);
    viewers?.delete(session);
    if (viewers?.size === 0) this.#viewers.delete(chat);
    const big = this.#big.get(chat);
    big?.ranges.delete(session);
    if (big?.ranges.size === 0) this.#big.delete(chat);
  }

  /** Marks have risen. */
  marked(chat: string, marks: readonly ReceiptMark[]): void {
    this.#change(chat, (members) => {
      for (const { user, read } of marks) raise(members, user, read);
    });
  }

  /** An event has passed the chat's gate. */
  passed(gate: Gate, event: GateEvent): void {
    const big = this.#big.get(gate.chat);
    if (big === undefined) return;
    const by = authorOf(event);
    const body = event.record?.body;
    const { seq } = gate;
    if (typeOf(event) === 'message.created') {
      big.authors.set(seq, by);
      if (big.authors.size > 20 * SPAN_MAX) this.#forgetAuthors(big);
      this.#change(gate.chat, (members) => raise(members, by, seq));
    }
    if (body?.type === 'member.removed') this.#change(gate.chat, (members) => void members.delete(body.user));
    if (body?.type === 'member.added')
      this.#change(gate.chat, (members) => {
        for (const user of body.users) if (!members.has(user)) members.set(user, { user, from: body.from, read: 0 });
      });
  }

  async #openBig(session: Session, chat: string, range: Range): Promise<[number, number][]> {
    const big = this.#big.get(chat) ?? this.#newBig(chat);
    big.ranges.set(session, range);
    const messages = await this.#deps.reads.messages(chat, range.from, range.to);
    for (const message of messages) big.authors.set(message.seq, message.by);
    if (big.members === undefined) await this.#load(chat, big);
    const counts = this.#count(big, range);
    for (const [seq, count] of counts) big.counts.set(seq, count);
    return counts;
  }

  #newBig(chat: string): BigChat {
    const big: BigChat = {
      members: undefined,
      late: [],
      authors: new Map(),
      ranges: new Map(),
      counts: new Map(),
      isScheduled: false,
    };
    this.#big.set(chat, big);
    return big;
  }

  /** Several may load at once at first; the result is the same. */
  async #load(chat: string, big: BigChat): Promise<void> {
    const members = new Map<string, ReadingMember>();
    for (let afterUser: string | undefined; members.size < MEMBERS_MAX;) {
      const page = await this.#deps.reads.members(chat, {
        limit: PAGE,
        ...(afterUser === undefined ? {} : { afterUser }),
      });
      for (const row of page) members.set(row.user, { user: row.user, from: row.visibleFrom, read: row.read });
      afterUser = page.at(-1)?.user;
      if (page.length < PAGE) break;
    }
    for (const mark of await this.#deps.reads.marks(chat)) raise(members, mark.user, mark.read);
    if (big.members !== undefined) return;
    for (const change of big.late) change(members);
    big.late = [];
    for (const [seq, by] of big.authors) raise(members, by, seq);
    big.members = members;
  }

  #change(chat: string, change: (members: Map<string, ReadingMember>) => void): void {
    const big = this.#big.get(chat);
    if (big === undefined) return;
    if (big.members === undefined) {
      big.late.push(change);
      return;
    }
    change(big.members);
    if (big.isScheduled) return;
    big.isScheduled = true;
    this.#deps.clock.after(this.#options.countsEveryMs, () => {
      big.isScheduled = false;
      if (this.#big.get(chat) === big) this.#tell(chat, big);
    });
  }

  /** Pushes the counts that have changed to whoever has them on screen; equal views share one push. */
  #tell(chat: string, big: BigChat): void {
    const pushes = new Map<string, SharedPush | undefined>();
    const told = new Map<number, number>();
    for (const [session, range] of big.ranges) {
      const key = `${range.from} ${range.to}`;
      if (!pushes.has(key)) {
        const counts = this.#count(big, range);
        const changed = counts.filter(([seq, count]) => big.counts.get(seq) !== count);
        for (const [seq, count] of counts) told.set(seq, count);
        pushes.set(key, changed.length > 0 ? new SharedPush({ t: 'receipts', chat, unreadBy: changed }) : undefined);
      }
      const push = pushes.get(key);
      if (push !== undefined) session.push(push);
    }
    big.counts = told;
  }

  #count(big: BigChat, { from, to }: Range): [number, number][] {
    const messages = Array.from({ length: to - from + 1 }, (_, index) => {
      const seq = from + index;
      return { seq, by: big.authors.get(seq) ?? '' };
    });
    return unreadBy(messages, big.members?.values() ?? []);
  }

  #forgetAuthors(big: BigChat): void {
    const ranges = [...big.ranges.values()];
    for (const seq of big.authors.keys())
      if (!ranges.some(({ from, to }) => from <= seq && seq <= to)) big.authors.delete(seq);
  }
}

const NO_SESSIONS: ReadonlySet<Session> = new Set();

function raise(members: Map<string, ReadingMember>, user: string, read: number): void {
  const member = members.get(user);
  if (member !== undefined && read > member.read) members.set(user, { ...member, read });
}
