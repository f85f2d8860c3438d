import type { ChatEvent, Head, Message, Summary } from '@garam/protocol/entities';
import type { WireError } from '@garam/protocol/errors';
import type { Push } from '@garam/protocol/pushes';
import { ClientChat } from './client-chat.ts';
import { createOutboxLine, type OutboxLine } from './client-outbox.ts';
import type { Cluster } from './cluster.ts';
import type { Evidence, FinalView, Wish } from './evidence.ts';
import type { SimSocket } from './sim-socket.ts';
import type { World } from './world.ts';

type Frame = Push | { t: 'ok'; id: number; [field: string]: unknown } | { t: 'err'; id: number; error: WireError };
type Answer = (ok: Record<string, unknown> | undefined, error: WireError | undefined) => void;

interface Link {
  socket: SimSocket;
  isOpen: boolean;
  openedAt: number;
  readAt: number;
  name: string;
  answers: Map<number, Answer>;
  nextId: number;
  /** Chats taken away in this session. */
  removed: Set<string>;
  /** When events of a chat can come at the earliest. */
  since: Map<string, number>;
}

const ANSWER_TIMEOUT_MS = 9_000;
const SILENCE_MAX_MS = 36_000;

/** One device of a user: connects, shows chats, sends. Honest, and never paused itself. */
export class SimClient {
  readonly name: string;
  readonly user: string;
  readonly chats = new Map<string, ClientChat>();
  readonly #world: World;
  readonly #cluster: Cluster;
  readonly #evidence: Evidence;
  readonly #lines = new Map<string, OutboxLine>();
  #link: Link | undefined;
  #isOnline = false;
  #sessions = 0;

  constructor(world: World, cluster: Cluster, given: { user: string; device: string; evidence: Evidence }) {
    this.#world = world;
    this.#cluster = cluster;
    this.#evidence = given.evidence;
    this.user = given.user;
    this.name = `${given.user}-${given.device}`;
  }

  /** Really: it may not have noticed yet that it is not. */
  get isConnected(): boolean {
    return this.#link?.isOpen === true && !this.#link.socket.isCut;
  }

  get isIdle(): boolean {
    return [...this.#lines.values()].every((line) => line.isEmpty);
  }

  goOnline(): void {
    this.#isOnline = true;
    this.#connect();
  }

  goOffline(): void {
    this.#isOnline = false;
    this.#disconnect();
  }

  /** The application starts again: what it showed is gone, what it wants to send is not. */
  reload(): void {
    this.#disconnect();
    this.chats.clear();
    this.#connectSoon();
  }

  cutNetwork(): void {
    this.#link?.socket.cut();
  }

  wish(wish: Wish): void {
    this.#lineOf(wish).add(wish);
  }

  views(): FinalView[] {
    return [...this.chats.values()].map(({ chat, last, isReady, messages }) => ({
      user: this.user,
      client: this.name,
      chat,
      last,
      isReady,
      messages: [...messages.values()],
    }));
  }

  #lineOf({ chat, type }: Wish): OutboxLine {
    const key = type === 'message.send' ? `send ${chat}` : `change ${chat}`;
    let line = this.#lines.get(key);
    if (line === undefined) {
      line = createOutboxLine(
        this.#world,
        (wish) => this.#sendWish(wish),
        (wish) =>
          this.#world.trace(() => `${this.name}: ${wish.clientId} ${wish.state} seq ${wish.seq} ${wish.error ?? ''}`),
      );
      this.#lines.set(key, line);
    }
    return line;
  }

  #sendWish(wish: Wish): boolean {
    const { chat, clientId, attempt, type, fields } = wish;
    const target = type === 'chat.create' ? {} : { chat };
    this.#world.trace(() => `${this.#link?.name} asks ${type} ${clientId} attempt ${attempt}`);
    return this.#ask({ t: type, ...target, clientId, attempt, ...fields }, (ok, error) => {
      const line = this.#lineOf(wish);
      if (ok === undefined) return line.answered(wish, { error: error! });
      if (type !== 'chat.create') return line.answered(wish, { ok });
      const summary = ok['chat'] as Summary;
      line.answered(wish, { ok: { rev: summary.head.rev } });
    });
  }

  #connect(): void {
    if (!this.#isOnline || this.#link !== undefined) return;
    const gateways = this.#cluster.of('gateway').filter(({ process }) => process.state !== 'dead');
    const slot = gateways.length === 0 ? undefined : this.#world.random.pick(gateways);
    if (slot?.transport === undefined) return this.#connectSoon();
    const { nowMs } = this.#world.scheduler;
    const listener = {
      frame: (payload: string) => {
        if (this.#link !== link) return;
        link.readAt = this.#world.scheduler.nowMs;
        this.#world.trace(() => `${link.name} < ${payload.slice(0, 300)}`);
        this.#frame(link, JSON.parse(payload) as Frame);
      },
      closed: (code: number) => {
        if (this.#link !== link) return;
        this.#world.trace(() => `${this.name}: closed ${code}`);
        this.#disconnect();
        this.#connectSoon();
      },
    };
    const name = `${this.name}#${++this.#sessions}@${slot.process.name}`;
    const link: Link = {
      isOpen: false,
      openedAt: Infinity,
      readAt: nowMs,
      name,
      answers: new Map(),
      nextId: 1,
      removed: new Set(),
      since: new Map(),
      socket: slot.transport.connect(this.#world, listener),
    };
    this.#link = link;
    this.#world.trace(() => `${name} connects`);
    this.#hello(link);
    this.#watch(link);
  }

  #hello(link: Link): void {
    const open = [];
    for (const chat of this.chats.values()) {
      chat.connected();
      if (chat.isReady) open.push({ chat: chat.chat, seq: chat.seq, rev: chat.last });
    }
    const device = { id: this.name, platform: 'sim' };
    this.#ask({ t: 'hello', token: this.user, device, open }, (ok) => {
      if (ok === undefined) return;
      link.isOpen = true;
      link.openedAt = this.#world.scheduler.nowMs;
      for (const line of this.#lines.values()) line.pump();
      for (const chat of this.chats.values()) if (chat.isBehind) this.#read(chat);
      this.#list(link);
    });
  }

  /** Chats that are not held are found here, those that are gone are not; what happens later is pushed. */
  #list(link: Link): void {
    const held = [...this.chats.keys()];
    const askedAt = this.#world.scheduler.nowMs;
    this.#ask({ t: 'chats.list' }, (ok, error) => {
      if (ok === undefined) {
        if (error!.temporary) this.#world.scheduler.schedule(700, () => this.#link === link && this.#list(link));
        return;
      }
      const listed = new Set((ok['chats'] as Summary[]).map(({ chat }) => chat));
      for (const chat of listed) if (!this.chats.has(chat)) this.#read(this.#chatOf(chat));
      for (const chat of held) {
        if (!listed.has(chat) && (link.since.get(chat) ?? 0) < askedAt) this.chats.delete(chat);
      }
    });
  }

  #ask(frame: Record<string, unknown>, answer: Answer): boolean {
    const link = this.#link;
    if (link === undefined || (!link.isOpen && frame['t'] !== 'hello')) return false;
    const id = link.nextId++;
    link.answers.set(id, answer);
    link.socket.send(JSON.stringify({ ...frame, id }));
    this.#world.scheduler.schedule(ANSWER_TIMEOUT_MS, () => {
      if (this.#link !== link || !link.answers.has(id)) return;
      this.#world.trace(() => `${link.name} gives up on ${String(frame['t'])}`);
      this.#disconnect();
      this.#connectSoon();
    });
    return true;
  }

  #frame(link: Link, frame: Frame): void {
    switch (frame.t) {
      case 'ok':
      case 'err': {
        const answer = link.answers.get(frame.id);
        link.answers.delete(frame.id);
        return answer?.(frame.t === 'ok' ? frame : undefined, frame.t === 'err' ? frame.error : undefined);
      }
      case 'event':
        return this.#event(link, frame);
      case 'chat.added':
        return this.#added(link, frame.chat);
      case 'chat.removed':
        link.removed.add(frame.chat);
        return void this.chats.delete(frame.chat);
      case 'behind':
      case 'reset': {
        this.#world.stats.catchUps += 1;
        const chat = this.#chatOf(frame.chat);
        chat.startsAt(frame.head);
        if (frame.t === 'reset') chat.forget();
        return this.#read(chat);
      }
      case 'ping':
        return link.socket.send('{"t":"pong"}');
      default:
    }
  }

  #event(link: Link, event: ChatEvent): void {
    const { nowMs } = this.#world.scheduler;
    const readyAtMs = link.since.get(event.chat) ?? link.openedAt;
    this.#evidence.seen.push({ user: this.user, session: link.name, event, atMs: nowMs, readyAtMs });
    this.#world.stats.pushes += 1;
    if (link.removed.has(event.chat)) {
      this.#world.problem('I7', `${link.name}: ${event.chat} rev ${event.rev} after chat.removed`);
    }
    const chat = this.#chatOf(event.chat);
    chat.pushed(event);
    if (!chat.isReady && !chat.isReading) this.#read(chat);
  }

  #added(link: Link, summary: Summary): void {
    link.removed.delete(summary.chat);
    link.since.set(summary.chat, this.#world.scheduler.nowMs);
    const chat = this.#chatOf(summary.chat);
    chat.startsAt(summary.head);
    if (chat.isBehind) this.#read(chat);
  }

  #chatOf(id: string): ClientChat {
    let chat = this.chats.get(id);
    if (chat === undefined) {
      const violated = (text: string) => this.#world.problem('I6', `${this.#link?.name ?? this.name} ${text}`);
      this.chats.set(id, (chat = new ClientChat(id, violated)));
    }
    return chat;
  }

  /** Fetches what is missing: all of a new chat, or the events up to what was announced. */
  #read(chat: ClientChat): void {
    if (chat.isReading || this.#link?.isOpen !== true) return;
    chat.isReading = true;
    const link = this.#link;
    const after = chat.last;
    const isSync = chat.isReady;
    const frame = isSync
      ? { t: 'sync', chat: chat.chat, seq: chat.seq, rev: chat.last }
      : { t: 'history', chat: chat.chat, limit: 100 };
    this.#world.stats.historyReads += 1;
    this.#ask(frame, (ok, error) => {
      if (this.#link !== link || this.chats.get(chat.chat) !== chat) return;
      chat.isReading = false;
      if (error !== undefined) return this.#readFailed(link, chat, error);
      const { head, messages = [], events = [] } = ok as { head: Head; messages?: Message[]; events?: ChatEvent[] };
      this.#evidence.pages.push({
        user: this.user,
        session: link.name,
        chat: chat.chat,
        kind: isSync ? 'sync' : 'history',
        messages,
        events,
        head,
        after,
      });
      if (ok!['reset'] === true) chat.forget();
      else if (isSync) chat.synced(events);
      else chat.loaded(messages, head);
      chat.readEnded();
      if (chat.isBehind) this.#world.scheduler.schedule(20, () => this.#link === link && this.#read(chat));
    });
  }

  #readFailed(link: Link, chat: ClientChat, error: WireError): void {
    if (error.name === 'not_found') return void this.chats.delete(chat.chat);
    this.#world.scheduler.schedule(500, () => this.#link === link && chat.isBehind && this.#read(chat));
  }

  /** A heart that cannot be heard is dead. */
  #watch(link: Link): void {
    this.#world.scheduler.schedule(6_000, () => {
      if (this.#link !== link) return;
      if (this.#world.scheduler.nowMs - link.readAt <= SILENCE_MAX_MS) return this.#watch(link);
      this.#disconnect();
      this.#connectSoon();
    });
  }

  #disconnect(): void {
    const link = this.#link;
    this.#link = undefined;
    link?.socket.close();
    for (const line of this.#lines.values()) line.disconnected();
  }

  #connectSoon(): void {
    this.#world.scheduler.schedule(this.#world.random.between(50, 2_000), () => this.#connect());
  }
}
