import { pause } from '@garam/tests-driver/deadline';
import type { TokenSource } from '@garam/tests-driver/dev-token';
import { CommandRefused, FIRST_FREE_ID, GaramConnection } from '@garam/tests-driver/garam-connection';
import type { Frame } from '@garam/tests-driver/garam-connection';
import type { Random } from '@garam/tests-driver/random';
import type { Position, SendRecord } from './evidence.ts';
import { LiveView } from './live-view.ts';
import { Outbox } from './outbox.ts';
import type { OutboxEntry } from './outbox.ts';
import type { Tally } from './tally.ts';

export interface ChatClientOptions {
  /** Gateways, tried one after the other. */
  urls: readonly string[];
  user: string;
  tokens: TokenSource;
  random: Random;
  tally: Tally;
  /** Chats the user is in, with the position its view begins at. */
  chats: readonly ({ chat: string } & Position)[];
}

export interface SendRequest {
  chat: string;
  text: string;
  doomed: boolean;
  deaf: boolean;
}

/**
 * One user with one device that never gives up: unsettled sends go out again with the same clientId and a higher
 * attempt, over any number of connections, and the view of each chat continues from its cursor.
 */
export class ChatClient {
  readonly user: string;
  readonly views = new Map<string, LiveView>();
  readonly #options: ChatClientOptions;
  readonly #outboxes = new Map<string, Outbox>();
  readonly #written = new Map<number, OutboxEntry>();
  readonly #sendsTo = new Map<string, number>();
  #connection: GaramConnection | null = null;
  #token: string | null = null;
  #log: unknown = null;
  #stopped = false;
  #lastId = FIRST_FREE_ID;
  #commands = 0;
  #connections = 0;
  #dialled = 0;
  #backoffMs = BACKOFF_MIN_MS;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: ChatClientOptions) {
    this.#options = options;
    this.user = options.user;
    for (const { chat, seq, rev } of options.chats) {
      this.views.set(chat, new LiveView(options.user, chat, { seq, rev }, options.tally.violations));
    }
  }

  get sendsInFlight(): number {
    return [...this.#written.values()].filter(({ record }) => record.order >= 0).length;
  }

  get unsettled(): number {
    return [...this.#outboxes.values()].reduce((sum, outbox) => sum + outbox.length, 0);
  }

  start(): void {
    this.#loop = this.#stayConnected();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#connection?.destroy();
    await this.#loop;
  }

  send({ chat, text, doomed, deaf }: SendRequest): void {
    const order = this.#sendsTo.get(chat) ?? 0;
    this.#sendsTo.set(chat, order + 1);
    const record = this.#record(chat, text, order);
    this.#options.tally.sends.push(record);
    this.#enqueue({ record, doomed, deaf, fields: { t: 'message.send', chat, kind: 'text', text } });
  }

  /** Reacts to a message of the view: a durable event that has a rev and no seq. */
  react(chat: string, seq: number): void {
    const record = this.#record(chat, '', -1);
    const fields = { t: 'reaction.set', chat, seq, emoji: '👍', on: this.#options.random.chance(0.7) };
    this.#enqueue({ record, doomed: false, deaf: false, fields });
  }

  /** Writes what may be written and gives up a connection on which a reply is overdue. */
  pump(now: number): void {
    const connection = this.#connection;
    if (connection === null) return;
    for (const outbox of this.#outboxes.values()) {
      if (now - outbox.oldestWrittenAt > ACK_TIMEOUT_MS) {
        connection.destroy();
        return;
      }
    }
    // Round by round, so that the backlog of one chat does not hold up the others.
    for (let written = -1; written !== this.#written.size;) {
      written = this.#written.size;
      for (const outbox of this.#outboxes.values()) {
        const room = Math.min(PER_CHAT_AND_ROUND, IN_FLIGHT_MAX - this.#written.size);
        for (const entry of outbox.take(room, now)) this.#write(connection, entry);
      }
    }
  }

  async #stayConnected(): Promise<void> {
    const { random, tally } = this.#options;
    while (!this.#stopped) {
      try {
        await this.#oneConnection();
      } catch (error) {
        if (error instanceof CommandRefused && error.code >= 200 && error.code < 300) this.#token = null;
      }
      this.#connectionLost();
      if (this.#stopped) return;
      tally.reconnects += 1;
      await pause(random.between(BACKOFF_MIN_MS / 2, this.#backoffMs));
      this.#backoffMs = Math.min(this.#backoffMs * 2, BACKOFF_MAX_MS);
    }
  }

  async #oneConnection(): Promise<void> {
    const { urls, user, tokens, tally } = this.#options;
    const url = urls[this.#dialled % urls.length]!;
    this.#dialled += 1;
    this.#token ??= await tokens.token(user);
    const closed = Promise.withResolvers<void>();
    for (const view of this.views.values()) view.connected();
    const open = [...this.views.values()].map(({ chat, cursor }) => ({ chat, seq: cursor.seq, rev: cursor.rev }));
    const connection: GaramConnection = new GaramConnection({
      url,
      token: this.#token,
      device: 'phone',
      open,
      deadlineMs: 5000,
      onPush: (frame) => this.#pushed(connection, frame),
      onReply: (frame) => this.#answered(frame),
      onClose: () => closed.resolve(),
    });
    const hello = await connection.hello();
    this.#log ??= hello['log'];
    if (this.#log !== hello['log'])
      tally.violations.push({ rule: 'another log', detail: `${String(this.#log)} → ${String(hello['log'])}` });
    this.#connections += 1;
    this.#connection = this.#stopped ? null : connection;
    if (this.#stopped) connection.destroy();
    this.#backoffMs = BACKOFF_MIN_MS;
    this.pump(performance.now());
    await closed.promise;
  }

  #connectionLost(): void {
    this.#connection = null;
    this.#written.clear();
    for (const outbox of this.#outboxes.values()) this.#options.tally.unknownOutcomes += outbox.connectionLost();
  }

  #record(chat: string, text: string, order: number): SendRecord {
    this.#commands += 1;
    const clientId = `${this.user}-${this.#commands.toString(36).padStart(6, '0')}`;
    const unwritten = { attempts: 0, seq: null, rev: null, firstWrittenAt: null, ackedAt: null, trail: [] };
    return { chat, by: this.user, clientId, text, order, outcome: 'pending', ...unwritten };
  }

  #enqueue(entry: Omit<OutboxEntry, 'state' | 'writtenAt'>): void {
    const { chat } = entry.record;
    let outbox = this.#outboxes.get(chat);
    if (outbox === undefined) this.#outboxes.set(chat, (outbox = new Outbox()));
    outbox.add({ ...entry, state: 'queued', writtenAt: 0 });
    this.pump(performance.now());
  }

  #write(connection: GaramConnection, entry: OutboxEntry): void {
    const { clientId, attempts } = entry.record;
    this.#lastId += 1;
    this.#written.set(this.#lastId, entry);
    if (attempts > 1) this.#options.tally.retries += 1;
    entry.record.trail.push(`${clock()} written ${attempts} on connection ${this.#connections}`);
    connection.write(JSON.stringify({ ...entry.fields, id: this.#lastId, clientId, attempt: attempts }));
  }

  #answered(frame: Frame): void {
    const entry = this.#written.get(frame.id ?? 0);
    if (entry === undefined) return;
    this.#written.delete(frame.id!);
    entry.record.trail.push(`${clock()} ${JSON.stringify(frame)}`);
    if (frame.t === 'ok') this.#accepted(entry, frame);
    else this.#refused(entry, frame['error']);
    this.pump(performance.now());
  }

  #accepted(entry: OutboxEntry, frame: Frame): void {
    const { tally } = this.#options;
    const { record } = entry;
    const what = `${record.by}/${record.clientId}`;
    if (entry.doomed) tally.violations.push({ rule: 'accepted what must be refused', detail: what });
    if (frame['duplicate'] === true) {
      if (record.attempts === 1) tally.violations.push({ rule: 'first attempt called a duplicate', detail: what });
      if (record.seq === null) tally.duplicatesAfterUnknown += 1;
      else tally.duplicatesPretended += 1;
    } else if (record.seq !== null) {
      tally.violations.push({ rule: 'duplicate not recognised', detail: what });
    }
    if (record.order >= 0) this.#remember(record, frame);
    if (entry.deaf && record.order >= 0) {
      // As if the ok had been lost with the connection: on a live one an answered send must not come again.
      entry.deaf = false;
      this.#connection?.destroy();
      return;
    }
    record.outcome = 'acked';
    this.#outboxes.get(record.chat)!.settle(entry);
    tally.acked += 1;
    const now = performance.now();
    record.ackedAt ??= now;
    tally.longestStallMs = Math.max(tally.longestStallMs, record.ackedAt - record.firstWrittenAt!);
  }

  /** Keeps the place the server named; a second answer must name the same. */
  #remember(record: SendRecord, frame: Frame): void {
    const [seq, rev] = [Number(frame['seq']), Number(frame['rev'])];
    if (record.seq !== null && (record.seq !== seq || record.rev !== rev)) {
      const detail = `${record.by}/${record.clientId}: ${record.seq}/${record.rev}, then ${seq}/${rev}`;
      this.#options.tally.violations.push({ rule: 'one clientId, two places', detail });
    }
    record.seq = seq;
    record.rev = rev;
    record.ackedAt ??= performance.now();
  }

  #refused(entry: OutboxEntry, error: Frame['error']): void {
    const { tally, random } = this.#options;
    const { record } = entry;
    const outbox = this.#outboxes.get(record.chat)!;
    if (error?.temporary === true) {
      if (error.code === UNKNOWN_OUTCOME) tally.unknownOutcomes += 1;
      else tally.temporaryRefusals += 1;
      const waitMs = Math.max(RETRY_MIN_MS, Number(error.retryAfterMs ?? 0)) * random.between(1, 1.5);
      outbox.end(entry, performance.now() + waitMs);
      return;
    }
    outbox.settle(entry);
    record.outcome = 'refused';
    tally.refused += 1;
    if (entry.doomed) return;
    const detail = `${record.by}/${record.clientId} in ${record.chat}: ${JSON.stringify(error)}`;
    tally.violations.push({ rule: 'refused for ever without a reason', detail });
  }

  #pushed(connection: GaramConnection, frame: Frame): void {
    const view = this.views.get(String(frame['chat']));
    if (view === undefined) return;
    if (frame.t === 'event') {
      if (!view.push(frame)) void this.#sync(connection, view);
    } else if (frame.t === 'behind') {
      view.behind(Number(frame['head'].rev));
      void this.#sync(connection, view);
    } else if (frame.t === 'reset' || frame.t === 'chat.removed') {
      this.#options.tally.violations.push({ rule: `unexpected ${frame.t}`, detail: JSON.stringify(frame) });
    }
  }

  /** Repairs a hole; a connection on which that is not possible is given up. */
  async #sync(connection: GaramConnection, view: LiveView): Promise<void> {
    if (view.syncing) return;
    view.syncing = true;
    try {
      while (view.cursor.rev < view.wanted && !connection.closed) {
        const { tally } = this.#options;
        tally.syncs += 1;
        const before = view.cursor.rev;
        const reply = await connection.command({ t: 'sync', chat: view.chat, ...view.cursor, limit: 500 });
        if (reply['reset'] === true) tally.violations.push({ rule: 'unexpected reset', detail: JSON.stringify(reply) });
        view.repair(reply['events'] ?? []);
        if (view.cursor.rev === before) await pause(RETRY_MIN_MS);
      }
    } catch {
      connection.destroy();
    } finally {
      view.syncing = false;
    }
  }
}

function clock(): string {
  return performance.now().toFixed(0);
}

const BACKOFF_MIN_MS = 40;
const BACKOFF_MAX_MS = 1000;
const RETRY_MIN_MS = 20;
const ACK_TIMEOUT_MS = 8000;
/** Below the 32 commands a connection may have in flight. */
const IN_FLIGHT_MAX = 24;
const PER_CHAT_AND_ROUND = 3;
const UNKNOWN_OUTCOME = 504;
