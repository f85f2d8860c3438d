/**
 * Every message and every offer of it (an attempt: one frame) in flat arrays, so that a run of hundreds of thousands
 * costs the driver no garbage. A refused message is offered again by the next arrival of its sender, because a chat's
 * sends stay refused until the refused one comes again.
 */
export class OfferLedger {
  readonly #intendedAt: Float64Array;
  readonly #messageOf: Uint32Array;
  readonly #answered: Uint8Array;
  readonly #lastOfferOf: Uint32Array;
  readonly #attempts: Uint16Array;
  readonly #expected: Uint16Array;
  readonly #deliveries: Uint16Array;
  readonly #accepted: Uint8Array;
  readonly #retry = new Map<number, number>();
  readonly #lastRetried = new Map<number, number>();
  #offers = 0;
  #messages = 0;
  #open = 0;
  #undelivered = 0;

  constructor(capacity: number) {
    this.#intendedAt = new Float64Array(capacity);
    this.#messageOf = new Uint32Array(capacity);
    this.#answered = new Uint8Array(capacity);
    this.#lastOfferOf = new Uint32Array(capacity);
    this.#attempts = new Uint16Array(capacity);
    this.#expected = new Uint16Array(capacity);
    this.#deliveries = new Uint16Array(capacity);
    this.#accepted = new Uint8Array(capacity);
  }

  /** Offers not answered yet. */
  get open(): number {
    return this.#open;
  }

  /** Deliveries that acknowledged messages still owe. */
  get undelivered(): number {
    return this.#undelivered;
  }

  /** The next frame of `sender`: a new message for `receivers` members, or the one of its that was refused. */
  offer(sender: number, receivers: number, intendedAt: number): Offer {
    const number = this.#offers;
    if (number >= this.#intendedAt.length) throw new Error('more offers than the ledger was made for');
    this.#offers += 1;
    this.#open += 1;
    const message = this.#retry.get(sender) ?? this.#messages;
    if (message === this.#messages) {
      this.#messages += 1;
      this.#expected[message] = receivers;
    } else {
      this.#retry.delete(sender);
      this.#lastRetried.set(sender, message);
    }
    this.#attempts[message]! += 1;
    this.#intendedAt[number] = intendedAt;
    this.#messageOf[number] = message;
    this.#lastOfferOf[message] = number;
    return { number, message, attempt: this.#attempts[message]! };
  }

  /** Marks an offer answered; returns when it was meant to be sent, or null for an unknown or doubled answer. */
  answer(offer: number): number | null {
    if (offer < 0 || offer >= this.#offers || this.#answered[offer] === 1) return null;
    this.#answered[offer] = 1;
    this.#open -= 1;
    return this.#intendedAt[offer]!;
  }

  messageOf(offer: number): number {
    return this.#messageOf[offer]!;
  }

  accepted(offer: number): void {
    const message = this.#messageOf[offer]!;
    if (this.#accepted[message] === 1) return;
    this.#accepted[message] = 1;
    this.#undelivered += Math.max(0, this.#expected[message]! - this.#deliveries[message]!);
  }

  /** Temporarily refused: the sender's next arrival takes the latest such message. */
  refused(offer: number, sender: number): void {
    const message = this.#messageOf[offer]!;
    const superseded = message < (this.#lastRetried.get(sender) ?? 0) || this.#lastOfferOf[message] !== offer;
    if (!superseded && message >= (this.#retry.get(sender) ?? 0)) this.#retry.set(sender, message);
  }

  /** Returns when the delivered message was meant to be sent. */
  delivered(message: number): number | null {
    if (message >= this.#messages) return null;
    this.#deliveries[message]! += 1;
    if (this.#accepted[message] === 1) this.#undelivered -= 1;
    return this.#intendedAt[this.#lastOfferOf[message]!]!;
  }

  /** Acknowledged messages times the members they did not reach. */
  lost(): number {
    let lost = 0;
    for (let message = 0; message < this.#messages; message += 1) {
      if (this.#accepted[message] === 1) lost += Math.max(0, this.#expected[message]! - this.#deliveries[message]!);
    }
    return lost;
  }
}

export interface Offer {
  number: number;
  message: number;
  /** 1 for a new message. */
  attempt: number;
}
