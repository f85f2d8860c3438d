import { CLOSE_CODES, type CloseName } from '@garam/protocol/close-codes';
import type { Codec } from '@garam/protocol/codec';
import { wireError, type ErrorName, type WireError } from '@garam/protocol/errors';
import { UNUSABLE_FRAMES_MAX } from '@garam/protocol/limits';
import { parseCommand, type BadCommand, type Command } from '@garam/protocol/parse-command';
import type { Push } from '@garam/protocol/pushes';
import type { Connection, ConnectionHandlers } from '@garam/transport/transport';
import type { Edge } from '../edge.ts';
import type { Session } from '../session/session.ts';
import { SharedPush } from '../shared-push.ts';
import { HeldReceipts, SLOW } from './slow-socket.ts';

/** Frames kept while hello is being answered. */
const BACKLOG_MAX = 256;
/** How long a replaced connection may take for the replies it still owes. */
const FAREWELL_MS = 1_000;

const PING = new SharedPush({ t: 'ping' });

/**
 * One socket: frames in, replies and pushes out, ids in use, heartbeat, back-pressure. It owns no timers: `tick` looks at
 * the clock. What a frame means is decided by `Edge.dispatch`.
 */
export class GatewayConnection implements ConnectionHandlers {
  readonly io: Connection;
  readonly codec: Codec;
  readonly #edge: Edge;
  session: Session | undefined = undefined;
  #phase: 'new' | 'greeting' | 'open' | 'closed' = 'new';
  #isHelloOverdue = false;
  readonly #openedAt: number;
  /** Wall clock and monotonic: whichever says more has passed is believed. */
  #readWallAt: number;
  #readAt: number;
  #wroteAt: number;
  #hasWritten = false;
  #pingedAt: number;
  #unusable = 0;
  #inflight: Set<number> | undefined = undefined;
  #backlog: { command: Command | BadCommand; readAt: number }[] | undefined = undefined;
  #held: HeldReceipts | undefined = undefined;
  #farewell: { name: CloseName; until: number } | undefined = undefined;

  constructor(edge: Edge, io: Connection, codec: Codec) {
    this.#edge = edge;
    this.io = io;
    this.codec = codec;
    this.#readWallAt = edge.clock.now();
    this.#openedAt = this.#readAt = this.#wroteAt = this.#pingedAt = edge.clock.monotonic();
  }

  get isClosed(): boolean {
    return this.#phase === 'closed';
  }

  get inflight(): number {
    return this.#inflight?.size ?? 0;
  }

  message(payload: string | Uint8Array): void {
    if (this.#phase === 'closed' || !this.#noteRead()) return;
    if ((typeof payload === 'string') === this.codec.binary) return this.close('wrong_kind');
    const decoded = this.codec.decode(payload);
    if (decoded.error !== undefined) return this.#unusableFrame(wireError(decoded.error));
    for (const frame of decoded.frames) {
      this.#frame(parseCommand(frame));
      if (this.isClosed) return;
    }
  }

  closed(): void {
    this.#edge.closing.delete(this);
    this.#end();
  }

  /** hello is answered: pushes may follow, then what was read meanwhile is handled. */
  open(session: Session, id: number, ok: object): void {
    this.session = session;
    this.#phase = 'open';
    this.#edge.metrics.sessions.add(1);
    this.answer(id, ok);
  }

  /** After the first pushes: handles what was read while hello was answered. */
  drainBacklog(): void {
    const backlog = this.#backlog ?? [];
    this.#backlog = undefined;
    for (const { command, readAt } of backlog) {
      if (this.isClosed) return;
      this.#dispatch(command, readAt);
    }
  }

  /** Without id: nothing is written. */
  answer(id: number, fields: object): void {
    if (id === 0 || this.isClosed) return;
    this.#release(id);
    this.#write(this.codec.encodeOk(id, fields));
  }

  refuse(id: number, error: WireError): void {
    if (this.isClosed) return;
    this.#edge.metrics.refusals.add(1, { error: error.name });
    if (id === 0) return;
    this.#release(id);
    this.#write(this.codec.encodeErr(id, error));
  }

  /** An error about the connection itself, right before it is closed. */
  announceEnd(error: WireError): void {
    if (!this.isClosed) this.#write(this.codec.encodeErr(0, error));
  }

  /** Writes a push of any kind, obeying the rules for slow sockets; returns the bytes it took. */
  push(push: SharedPush): number {
    if (this.#phase !== 'open') return 0;
    if (push.push.t !== 'event' && this.#isHeldBack(push.push)) return 0;
    const message = push.preparedFor(this.codec, this.#edge.transport);
    this.io.sendPrepared(message);
    this.#hasWritten = true;
    if (this.io.bufferedBytes() > SLOW.closeBytes) this.close('too_slow');
    return message.bytes;
  }

  close(name: CloseName): void {
    if (this.isClosed) return;
    const { code, meaning } = CLOSE_CODES[name];
    this.#edge.metrics.closes.add(1, { code });
    this.#end();
    this.#edge.closing.add(this);
    this.io.close(code, meaning);
  }

  /** Closes when every command in flight has been answered, at the latest after a second. */
  closeAfterReplies(name: CloseName): void {
    if (this.inflight === 0) this.close(name);
    else this.#farewell ??= { name, until: this.#edge.clock.monotonic() + FAREWELL_MS };
  }

  /** Called every sweep: everything about this connection that only time can decide. */
  tick(now: number): void {
    if (this.#hasWritten) {
      this.#wroteAt = now;
      this.#hasWritten = false;
    }
    const { heartbeat, helloTimeoutMs } = this.#edge.options;
    if (this.#phase === 'new' && now - this.#openedAt >= helloTimeoutMs && this.#missHello()) return;
    if (now - this.#readAt > heartbeat.intervalMs + heartbeat.timeoutMs) return this.close('heartbeat');
    if (this.#phase !== 'open') return;
    if (this.#farewell !== undefined && now >= this.#farewell.until) return this.close(this.#farewell.name);
    if (this.#held !== undefined && this.io.bufferedBytes() <= SLOW.mergeBytes) this.#writeHeld();
    const silentSince = Math.min(this.#readAt, this.#wroteAt);
    if (now - silentSince >= heartbeat.intervalMs && now - this.#pingedAt >= heartbeat.intervalMs) {
      this.#pingedAt = now;
      this.push(PING);
    }
    this.session?.tick(this.#edge.clock.now());
  }

  /** Closes at the second look: between the two, a hello that waited in the socket of a busy process is read. */
  #missHello(): boolean {
    if (this.#isHelloOverdue) this.close('no_hello');
    const isMissed = this.#isHelloOverdue;
    this.#isHelloOverdue = true;
    return isMissed;
  }

  /**
   * Before a frame is handled: so long without a read means that this process (or the machine) stood still, and what
   * waited in the socket is too old to be given to the log.
   */
  #noteRead(): boolean {
    const { clock, options } = this.#edge;
    const wall = clock.now();
    const now = clock.monotonic();
    const gapMs = Math.max(wall - this.#readWallAt, now - this.#readAt);
    if (gapMs > options.heartbeat.intervalMs + options.heartbeat.timeoutMs) {
      this.close('heartbeat');
      return false;
    }
    this.#readWallAt = wall;
    this.#readAt = now;
    return true;
  }

  #frame(command: Command | BadCommand): void {
    if (this.#phase === 'open') return this.#dispatch(command, this.#readWallAt);
    if (this.#phase === 'greeting') {
      this.#backlog ??= [];
      if (this.#backlog.length >= BACKLOG_MAX) return this.close('too_fast');
      this.#backlog.push({ command, readAt: this.#readWallAt });
      return;
    }
    if ('error' in command && command.id === 0 && command.type === undefined) return this.#unusableFrame(command.error);
    if (command.type !== 'hello') {
      this.#write(this.codec.encodeErr(command.id, wireError('unauthenticated')));
      return this.close('no_hello');
    }
    this.#phase = 'greeting';
    this.#edge.greet(this, command);
  }

  #dispatch(command: Command | BadCommand, readAt: number): void {
    const { id } = command;
    if (id === 0 && 'error' in command) return this.#unusableFrame(command.error);
    if (id !== 0) {
      if (this.#inflight?.has(id)) return this.#unusableFrame(wireError('bad_frame', { message: 'The id is in use.' }));
      if ('error' in command) return this.refuse(id, command.error);
    }
    if (!('error' in command)) this.#edge.dispatch(this.session!, command, readAt);
  }

  /** Notes that the id waits for its answer; false where too many do. */
  occupy(id: number): boolean {
    if (id === 0) return true;
    if (this.inflight >= this.#edge.options.limits.inflight) return false;
    (this.#inflight ??= new Set()).add(id);
    return true;
  }

  #release(id: number): void {
    if (this.#inflight === undefined || !this.#inflight.delete(id)) return;
    if (this.#inflight.size > 0) return;
    if (this.#farewell !== undefined) {
      const { name } = this.#farewell;
      this.#edge.clock.endOfTurn(() => this.close(name));
    }
  }

  #unusableFrame(error: WireError): void {
    this.#unusable += 1;
    this.#edge.metrics.refusals.add(1, { error: error.name satisfies ErrorName });
    this.#write(this.codec.encodeErr(0, error));
    if (this.#unusable >= UNUSABLE_FRAMES_MAX) this.close('protocol');
  }

  /** Whether the push is left out or waits because the socket is slow. */
  #isHeldBack(push: Push): boolean {
    const waiting = this.io.bufferedBytes();
    if ((push.t === 'typing' || push.t === 'presence') && waiting > SLOW.dropBytes) {
      this.#edge.metrics.dropped.add(1);
      return true;
    }
    if (push.t !== 'receipts' || (this.#held === undefined && waiting <= SLOW.mergeBytes)) return false;
    (this.#held ??= new HeldReceipts()).add(push);
    return true;
  }

  #writeHeld(): void {
    const held = this.#held!;
    this.#held = undefined;
    for (const push of held.pushes()) this.push(new SharedPush(push));
  }

  #write(payload: string | Uint8Array): void {
    this.io.send(payload);
    this.#hasWritten = true;
    if (this.io.bufferedBytes() > SLOW.closeBytes) this.close('too_slow');
  }

  #end(): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#backlog = undefined;
    this.#held = undefined;
    this.#inflight = undefined;
    this.#edge.ended(this);
  }
}
