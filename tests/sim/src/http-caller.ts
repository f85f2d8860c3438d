import type { Outcome, SubmitRequest } from '@garam/intake/submit-request';
import type { Cluster, Slot } from './cluster.ts';
import type { Wish } from './evidence.ts';
import type { World } from './world.ts';

const CALL_TIMEOUT_MS = 8_000;
/** More than clocks of edges may differ: else the later call could look like the earlier one. */
const RETRY_AFTER_MS = 600;
/** An api does not take a call whose header arrived so long before it was read. */
const HEADER_AGE_MAX_MS = 30_000;

/**
 * A server that acts for a user over HTTP: every call is attempt 2, and is repeated with the same key until it is
 * answered for good. A call that hung may be answered after a later one.
 */
export class HttpCaller {
  readonly #world: World;
  readonly #cluster: Cluster;
  #waiting = 0;

  constructor(world: World, cluster: Cluster) {
    this.#world = world;
    this.#cluster = cluster;
  }

  get isIdle(): boolean {
    return this.#waiting === 0;
  }

  wish(wish: Wish): void {
    this.#waiting += 1;
    wish.begunAt = this.#world.scheduler.nowMs;
    wish.state = 'inFlight';
    wish.attempt = 2;
    this.#call(wish);
  }

  #call(wish: Wish): void {
    const { scheduler, random } = this.#world;
    const slots = this.#cluster.of('api').filter(({ process }) => process.state !== 'dead');
    const again = () => scheduler.schedule(random.between(RETRY_AFTER_MS, 3 * RETRY_AFTER_MS), () => this.#call(wish));
    if (slots.length === 0) return void again();
    let isOver = false;
    const over = (outcome: Outcome | undefined) => {
      if (isOver) return;
      isOver = true;
      if (wish.state !== 'inFlight') return;
      if (outcome === undefined || outcome.error?.temporary === true) return void again();
      this.#settle(wish, outcome);
    };
    scheduler.schedule(CALL_TIMEOUT_MS, () => over(undefined));
    const slot = random.pick(slots);
    this.#world.trace(() => `http: ${slot.process.name} is called for ${wish.clientId}`);
    const sentAt = scheduler.nowMs;
    slot.process.schedule(this.#world.latencyMs(10), () => {
      if (scheduler.nowMs - sentAt > HEADER_AGE_MAX_MS) return;
      this.#submit(slot, wish, (outcome) => scheduler.schedule(this.#world.latencyMs(10), () => over(outcome)));
    });
  }

  #submit(slot: Slot, { user, chat, clientId, fields }: Wish, done: (outcome: Outcome) => void): void {
    if (slot.intake === undefined) return;
    const request: SubmitRequest = {
      type: 'message.send',
      fields: { chat, clientId, kind: 'text', ...fields } as never,
      actor: { id: user, silencedUntil: 0 },
      attempt: 2,
      readAt: slot.process.clock.now(),
    };
    void slot.intake.submit(request, (outcome) => {
      if (!this.#world.fault('HTTP reply lost', this.#world.profile.http > 0 ? 0.1 : 0)) done(outcome);
    });
  }

  #settle(wish: Wish, { ok, error }: Outcome): void {
    this.#waiting -= 1;
    wish.settledAt = this.#world.scheduler.nowMs;
    wish.state = ok === undefined ? 'failed' : 'accepted';
    if (ok === undefined) wish.error = error.name;
    else {
      wish.seq = ok.seq;
      wish.rev = ok.rev;
      if (ok.duplicate === true) this.#world.stats.duplicatesAnswered += 1;
    }
    this.#world.trace(() => `http: ${wish.clientId} ${wish.state} seq ${wish.seq} ${wish.error ?? ''}`);
  }
}
