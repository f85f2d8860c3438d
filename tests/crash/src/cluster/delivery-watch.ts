import type { ChatClient } from '../chat-client.ts';
import type { SendRecord } from '../evidence.ts';
import type { Tally } from '../tally.ts';

/** Looks again and again how long acknowledged messages are not yet on the screen of every member. */
export class DeliveryWatch {
  readonly #tally: Pick<Tally, 'sends'>;
  readonly #clients: readonly Pick<ChatClient, 'views'>[];
  #next = 0;
  #open: SendRecord[] = [];
  #longestMs = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(tally: Pick<Tally, 'sends'>, clients: readonly Pick<ChatClient, 'views'>[]) {
    this.#tally = tally;
    this.#clients = clients;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.sample(performance.now()), SAMPLE_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  sample(now: number): void {
    const { sends } = this.#tally;
    for (; this.#next < sends.length; this.#next += 1) this.#open.push(sends[this.#next]!);
    const shown = this.#shownToAll();
    this.#open = this.#open.filter((send) => !isOver(send, shown));
    for (const { ackedAt } of this.#open) {
      if (ackedAt !== null) this.#longestMs = Math.max(this.#longestMs, now - ackedAt);
    }
  }

  /** Whether every message acknowledged by then is on every screen. */
  allShown(ackedBy: number): boolean {
    this.sample(performance.now());
    return this.#open.every(({ ackedAt }) => ackedAt === null || ackedAt > ackedBy);
  }

  /** The longest wait of a message, acknowledged and not shown to all, since the last call. */
  takeLongestMs(): number {
    const longest = this.#longestMs;
    this.#longestMs = 0;
    return longest;
  }

  /** The rev up to which all members of a chat have seen it. */
  #shownToAll(): Map<string, number> {
    const shown = new Map<string, number>();
    for (const { views } of this.#clients) {
      for (const { chat, cursor } of views.values()) shown.set(chat, Math.min(shown.get(chat) ?? Infinity, cursor.rev));
    }
    return shown;
  }
}

const SAMPLE_MS = 200;

function isOver({ outcome, rev, chat, ackedAt }: SendRecord, shown: ReadonlyMap<string, number>): boolean {
  if (outcome === 'refused') return true;
  return ackedAt !== null && rev !== null && rev <= (shown.get(chat) ?? 0);
}
