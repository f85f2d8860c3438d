import { createTokenBucket, type TokenBucket } from '@garam/intake/token-bucket';
import type { Claims } from '@garam/auth/claims';
import type { GatewayConnection } from '../connection/gateway-connection.ts';
import { Lanes } from '../connection/lanes.ts';
import type { Attachment, Receiver } from '../delivery/receiver.ts';
import type { Edge } from '../edge.ts';
import { SharedPush } from '../shared-push.ts';

/** The part of a chat on screen. */
export interface ChatView {
  chat: string;
  from: number | undefined;
  to: number | undefined;
}

const EXPIRING_AHEAD_MS = 60_000;

/** An authenticated connection: one user on one device. */
export class Session implements Receiver {
  /** Orders connections of one device: a newer one's id is greater. */
  readonly id: string;
  readonly user: string;
  readonly device: string;
  readonly connection: GatewayConnection;
  readonly #edge: Edge;
  attachment: Attachment | undefined = undefined;
  /** Of the token, ms. */
  expiresAt: number;
  issuedAt: number;
  silencedUntil = 0;
  /** The user's standing has changed and is being read: durable commands wait for it. Never rejects. */
  standingRead: Promise<void> | undefined = undefined;
  /** The application is visible: counts for presence. */
  isActive = true;
  view: ChatView | undefined = undefined;
  watched: Set<string> | undefined = undefined;
  #lanes: Lanes | undefined = undefined;
  #messages: TokenBucket | undefined = undefined;
  #commands: TokenBucket | undefined = undefined;
  #expiryAnnounced = false;
  /** Commands refused for their rate that are still forgiven. */
  #forgiven: TokenBucket | undefined = undefined;

  constructor(edge: Edge, connection: GatewayConnection, given: { id: string; device: string; claims: Claims }) {
    this.#edge = edge;
    this.connection = connection;
    this.id = given.id;
    this.device = given.device;
    this.user = given.claims.user;
    this.expiresAt = given.claims.expiresAt;
    this.issuedAt = given.claims.issuedAt;
  }

  push(push: SharedPush): number {
    return this.connection.push(push);
  }

  bufferedBytes(): number {
    return this.connection.io.bufferedBytes();
  }

  get lanes(): Lanes {
    return (this.#lanes ??= new Lanes(() => this.#edge.clock.now()));
  }

  /** Takes one from the buckets of the connection and of the user: 0, or the ms after which to try again. */
  take(kind: 'messages' | 'commands'): number {
    const { rates } = this.#edge.options;
    if (rates === null) return 0;
    const now = this.#edge.clock.monotonic();
    const waitMs = this.#bucket(kind, now).take(now);
    return waitMs > 0 ? waitMs : this.#edge.userRates.take(this.user, kind);
  }

  /** One more refusal for the rate; false when there have been far too many. */
  forgive(): boolean {
    const { rates } = this.#edge.options;
    if (rates === null) return true;
    const now = this.#edge.clock.monotonic();
    const { perSecond, burst } = rates.commands;
    this.#forgiven ??= createTokenBucket({ perSecond: perSecond * 2, burst: Math.max(100, burst * 5) }, now);
    return this.#forgiven.take(now) === 0;
  }

  refreshed(claims: Claims): void {
    this.expiresAt = claims.expiresAt;
    this.issuedAt = claims.issuedAt;
    this.#expiryAnnounced = false;
  }

  /** @param now wall clock, ms */
  tick(now: number): void {
    const inMs = this.expiresAt - now;
    if (inMs <= 0) return this.connection.close('auth');
    if (inMs > EXPIRING_AHEAD_MS || this.#expiryAnnounced) return;
    this.#expiryAnnounced = true;
    this.push(new SharedPush({ t: 'auth.expiring', inMs }));
  }

  /** The connection is gone. */
  end(): void {
    this.#lanes?.drop();
    this.#lanes = undefined;
  }

  #bucket(kind: 'messages' | 'commands', now: number): TokenBucket {
    const { rates } = this.#edge.options;
    if (kind === 'messages') return (this.#messages ??= createTokenBucket(rates!.messages, now));
    return (this.#commands ??= createTokenBucket(rates!.commands, now));
  }
}
