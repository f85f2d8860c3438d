import { expect } from 'vitest';
import { covered } from './coverage-log.ts';
import { acknowledgedRev, headsIn, noteReply, readFresh } from './freshness.ts';
import { newId } from './names.ts';
import { PROTOCOL } from './protocol-tables.ts';
import { RawSocket, type CloseInfo, type UpgradeOptions } from './raw-socket.ts';
import { tokenFor } from './tokens.ts';
import { gatewayUrl, type Target } from './topology.ts';
import type { Loose } from './loose.ts';

/** A frame of either direction; its fields are what the tests look at. */
export type Frame = Record<string, Loose> & { t: string };
export type Fields = Record<string, unknown>;

export interface Cursor {
  chat: string;
  seq: number;
  rev: number;
}

export interface ConnectOptions extends UpgradeOptions {
  target?: Target;
  /** Base URL to use instead of the next gateway in turn. */
  url?: string;
  token?: string;
  /** `name` claim. */
  name?: string;
  device?: string;
  open?: Cursor[];
  /** Answers the server's `ping` (default true). */
  pong?: boolean;
}

const WAIT_MS = 6_000;
const live = new Set<WsClient>();

interface Waiter {
  find: (frame: Frame) => boolean;
  resolve: (frame: Frame) => void;
  fail: (why: string) => void;
}

/** A connection that keeps every frame it received, in order, and asserts as it goes. */
export class WsClient {
  readonly user: string;
  /** All frames received. */
  readonly frames: Frame[] = [];
  readonly raw: RawSocket;
  /** The `ok` of hello, once it came. */
  hello: Frame = { t: '' };
  pong = true;
  private nextId = 1;
  /** The chat of each command sent, by id. */
  private readonly commands = new Map<number, unknown>();
  /** The highest rev of each chat this connection was pushed or answered with. */
  private readonly told = new Map<string, number>();
  /** The highest head of each chat this connection has read. */
  private readonly seen = new Map<string, number>();
  private waiters: Waiter[] = [];
  private closeInfo: CloseInfo | undefined;

  constructor(user: string, raw: RawSocket) {
    this.user = user;
    this.raw = raw;
    raw.onText = (text) => this.receive(text);
    live.add(this);
    void raw.closed.then((info) => this.ended(info));
  }

  /** Sends a command with a fresh id (and a fresh clientId where the command takes one); resolves with its reply. */
  cmd(t: string, fields: Fields = {}): Promise<Frame> {
    const frame = this.frame(t, fields);
    this.raw.sendText(JSON.stringify(frame));
    return this.reply(frame.id);
  }

  /** A command frame ready to send: for batches. */
  frame(t: string, fields: Fields = {}): Frame & { id: number } {
    const clientId = PROTOCOL.withClientId.has(t) ? { clientId: newId() } : {};
    const frame = { t, id: this.nextId++, ...clientId, ...fields } as Frame & { id: number };
    this.commands.set(frame.id, frame['chat']);
    return frame;
  }

  /** The same command once more, under a new id, as this attempt. */
  repeat(frame: Frame & { id: number }, attempt: number): Frame & { id: number } {
    this.commands.set(this.nextId, frame['chat']);
    return { ...frame, id: this.nextId++, attempt };
  }

  /** Sends frames as one WebSocket message (an array); resolves with their replies in the same order. */
  batch(frames: (Frame & { id: number })[]): Promise<Frame[]> {
    this.raw.sendText(JSON.stringify(frames));
    return Promise.all(frames.map((frame) => this.reply(frame.id)));
  }

  /** A frame without id: no reply. */
  tell(t: string, fields: Fields = {}): void {
    this.raw.sendText(JSON.stringify({ t, ...fields }));
  }

  /** Sends a frame made before; it must be answered `ok`. */
  async okFrame(frame: Frame & { id: number }): Promise<Frame> {
    const [reply] = await this.batch([frame]);
    expect(reply, frame.t).toMatchObject({ t: 'ok' });
    return reply as Frame;
  }

  reply(id: number): Promise<Frame> {
    return this.until((frame) => (frame.t === 'ok' || frame.t === 'err') && frame['id'] === id, `the reply to ${id}`);
  }

  /**
   * The command must be answered `ok`, and a head in the answer must be at or above everything this connection was told
   * of that chat before it asked. What only others were told is waited for.
   */
  async ok(t: string, fields: Fields = {}): Promise<Frame> {
    await this.catchUp(t, fields['chat']);
    const read = async (): Promise<Frame> => {
      const promised = new Map(this.told);
      const reply = await this.cmd(t, fields);
      expect(reply, `${t} of ${this.user}: ${JSON.stringify(reply['error'])}`).toMatchObject({ t: 'ok' });
      for (const [chat, rev] of headsIn(reply, fields['chat'])) {
        expect(rev, `the head of ${chat}`).toBeGreaterThanOrEqual(promised.get(chat) ?? 0);
      }
      return reply;
    };
    const reply = t === 'chats.list' ? await readFresh(read, (page) => headsIn(page, undefined)) : await read();
    covered('command', t);
    return reply;
  }

  /** The command must be refused with exactly this error; resolves with the error. */
  async refused(name: string, t: string, fields: Fields = {}): Promise<Frame['error']> {
    await this.catchUp(t, fields['chat']);
    return expectError(await this.cmd(t, fields), name);
  }

  /** The first frame, received already or later, that `find` accepts. */
  until(find: (frame: Frame) => boolean, what = 'a frame', ms = WAIT_MS): Promise<Frame> {
    const found = this.frames.find(find);
    if (found) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        clearTimeout(timer);
        this.waiters = this.waiters.filter((other) => other !== waiter);
        const last = this.frames.slice(-8).map((frame) => JSON.stringify(frame).slice(0, 300));
        reject(new Error(`${this.user} waited in vain for ${what} (${why}); last frames:\n${last.join('\n')}`));
      };
      const waiter: Waiter = { find, fail, resolve: (frame) => (clearTimeout(timer), resolve(frame)) };
      const timer = setTimeout(() => fail(`${ms} ms`), ms);
      this.waiters.push(waiter);
      if (this.closeInfo) fail(`closed ${this.closeInfo.code}`);
    });
  }

  /** The first push of type `t` that `find` accepts. */
  async push(t: string, find: (frame: Frame) => boolean = () => true, ms = WAIT_MS): Promise<Frame> {
    const frame = await this.until((other) => other.t === t && find(other), `push ${t}`, ms);
    expect(frame['id'], 'pushes have no id').toBeUndefined();
    covered('push', t);
    return frame;
  }

  /** The first event of the chat that `find` accepts. */
  async event(chat: string, find: (frame: Frame) => boolean, ms = WAIT_MS): Promise<Frame> {
    const frame = await this.push('event', (other) => other['chat'] === chat && find(other), ms);
    covered('event', frame['type']);
    return frame;
  }

  /** The chat's event with this rev. */
  eventAt(chat: string, rev: number): Promise<Frame> {
    return this.event(chat, (frame) => frame['rev'] === rev);
  }

  /** Events of the chat received so far, in the order they came. */
  events(chat: string): Frame[] {
    return this.pushes('event').filter((frame) => frame['chat'] === chat);
  }

  pushes(t: string): Frame[] {
    return this.frames.filter((frame) => frame.t === t);
  }

  /** The connection must end with exactly this code. */
  async closedWith(code: number, ms = WAIT_MS): Promise<CloseInfo> {
    const timeout = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error(`${this.user}: no close ${code} within ${ms} ms`)), ms).unref();
    });
    const info = await Promise.race([this.raw.closed, timeout]);
    expect(info.code, `close of ${this.user}: ${info.reason}`).toBe(code);
    covered('close', code);
    return info;
  }

  /** Leaves, and waits until the server has seen it. */
  async leave(): Promise<void> {
    this.raw.close();
    await this.raw.closed;
  }

  /** Waits until this connection's server knows what others were told of the chat. Sends need not: the log orders them. */
  private async catchUp(t: string, chat: unknown): Promise<void> {
    if (typeof chat !== 'string' || t === 'message.send') return;
    if (Math.max(this.told.get(chat) ?? 0, this.seen.get(chat) ?? 0) >= acknowledgedRev(chat)) return;
    const reply = await readFresh(
      () => this.cmd('chat.get', { chat }),
      (frame) => headsIn(frame, undefined),
    );
    for (const [id, rev] of headsIn(reply, undefined)) this.seen.set(id, rev);
  }

  private note(frame: Frame): void {
    const id: unknown = frame['id'];
    const told: [string, number] | undefined =
      frame.t === 'event'
        ? [frame['chat'], frame['rev']]
        : frame.t === 'ok' && typeof id === 'number' && this.commands.has(id)
          ? noteReply(frame, this.commands.get(id))
          : undefined;
    if (told) this.told.set(told[0], Math.max(told[1], this.told.get(told[0]) ?? 0));
  }

  private ended(info: CloseInfo): void {
    this.closeInfo = info;
    live.delete(this);
    for (const waiter of this.waiters) waiter.fail(`closed ${info.code} ${info.reason}`);
  }

  private receive(text: string): void {
    const parsed: unknown = JSON.parse(text);
    for (const frame of (Array.isArray(parsed) ? parsed : [parsed]) as Frame[]) {
      this.frames.push(frame);
      this.note(frame);
      if (frame.t === 'ping' && frame['id'] === undefined && this.pong) this.tell('pong');
      const hit = this.waiters.filter((waiter) => waiter.find(frame));
      this.waiters = this.waiters.filter((waiter) => !hit.includes(waiter));
      for (const waiter of hit) waiter.resolve(frame);
    }
  }
}

/** Opens the socket without saying hello. */
export async function openSocket(user: string, options: ConnectOptions = {}): Promise<WsClient> {
  const raw = await RawSocket.open(options.url ?? gatewayUrl(options.target ?? 'default'), options);
  expect(raw.answer.status, 'the upgrade').toBe(101);
  const client = new WsClient(user, raw);
  client.pong = options.pong ?? true;
  return client;
}

/** Opens a connection and waits for the `ok` of its hello. */
export async function connect(user: string, options: ConnectOptions = {}): Promise<WsClient> {
  const named = options.name === undefined ? {} : { name: options.name };
  const token = options.token ?? (await tokenFor(user, options.target, named));
  const client = await openSocket(user, options);
  client.hello = await client.ok('hello', helloFields(token, options));
  return client;
}

/** The fields of `hello`. */
export function helloFields(token: string, options: Pick<ConnectOptions, 'device' | 'open'> = {}): Fields {
  const device = { id: options.device ?? newId(), platform: 'e2e' };
  return { token, device, ...(options.open ? { open: options.open } : {}) };
}

/** Asserts an `err` frame: name, its number and its `temporary` as in the tables of the protocol. */
export function expectError(reply: Frame, name: string): Frame['error'] {
  expect(reply, 'the reply').toMatchObject({ t: 'err', error: { name } });
  const error = reply['error'];
  const code = PROTOCOL.errors.get(name);
  expect(error.code).toBe(code);
  expect(error.temporary).toBe(PROTOCOL.temporary.has(code ?? 0));
  expect(typeof error.message).toBe('string');
  if (name !== 'invalid') expect(error.path).toBeUndefined();
  if (error.retryAfterMs !== undefined) expect(error.retryAfterMs).toBeGreaterThan(0);
  covered('error', name);
  return error;
}

/** Ends every connection that is still open. */
export function destroyAll(): void {
  for (const client of live) client.raw.destroy();
  live.clear();
}
