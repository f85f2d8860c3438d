import { FIRST_FREE_ID } from '@garam/tests-driver/garam-connection';
import type { Frame } from '@garam/tests-driver/garam-connection';
import { Histogram } from '@garam/tests-driver/histogram';
import type { LatencySummary } from '@garam/tests-driver/histogram';
import type { ServerProcess } from '@garam/tests-driver/process-usage';
import { createRandom } from '@garam/tests-driver/random';
import type { Random } from '@garam/tests-driver/random';
import { DeliveryCheck } from './delivery-check.ts';
import { driverFirst } from './driver-first.ts';
import { DriverGuard, TICK_MS } from './driver-guard.ts';
import type { DriverLoad } from './driver-guard.ts';
import { OfferLedger } from './offer-ledger.ts';
import type { Member, Population } from './population.ts';
import { measureSurroundings, measureUsage } from './server-usage.ts';
import type { ProcessFigures, Surroundings } from './server-usage.ts';
import type { HopTrace } from './log/trace-hops.ts';

export interface LoadOptions {
  /** Offers per second, arriving as a Poisson process. */
  rate: number;
  warmUpMs: number;
  measureMs: number;
  /** How long to wait for answers and deliveries after the last offer. */
  drainMs: number;
  seed: number;
  processes: readonly ServerProcess[];
  /** Told of every measured message that is acknowledged. */
  trace?: HopTrace;
  /** The driver goes before the server's processes. */
  isDriverFirst?: boolean;
}

/**
 * Latencies count from the moment a message was *meant* to be sent, over offers of the measured time; rates count what
 * arrived during it; lost, duplicated and reordered cover warm-up and drain too.
 */
export interface LoadResult extends Surroundings {
  offeredPerSecond: number;
  acceptedPerSecond: number;
  refusedPerSecond: number;
  deliveredPerSecond: number;
  /** Acknowledged messages times the members they did not reach. */
  lost: number;
  duplicated: number;
  reordered: number;
  /** Offers without any answer at the end. */
  unanswered: number;
  /** Permanent errors, closed connections, `behind` and `reset`: nothing of this belongs to a healthy run. */
  faults: Record<string, number>;
  refusals: Record<string, number>;
  ack: LatencySummary;
  deliver: LatencySummary;
  refusal: LatencySummary;
  processes: ProcessFigures[];
  driver: DriverLoad;
}

/** Offers load to everyone in the population, open loop: a slow answer does not hold back the next send. */
export async function runOpenLoop(population: Population, options: LoadOptions): Promise<LoadResult> {
  const run = new OpenLoopRun(population, options);
  const offer = async (): Promise<void> => {
    await run.offerAll();
    await run.drain();
  };
  population.listener = run;
  try {
    await (options.isDriverFirst === true ? driverFirst(offer) : offer());
  } finally {
    population.listener = null;
  }
  return run.result();
}

class OpenLoopRun {
  readonly #population: Population;
  readonly #options: LoadOptions;
  readonly #random: Random;
  readonly #ledger: OfferLedger;
  readonly #check = new DeliveryCheck();
  readonly #guard = new DriverGuard();
  readonly #ack = new Histogram();
  readonly #deliver = new Histogram();
  readonly #refusal = new Histogram();
  readonly #refusals: Record<string, number> = {};
  readonly #faults: Record<string, number> = {};
  readonly #counts = { offered: 0, accepted: 0, refused: 0, delivered: 0 };
  readonly #runId = (lastRun += 1);
  readonly #clientIdPrefix: string;
  readonly #measureFrom: number;
  readonly #measureTo: number;
  #measuring = false;
  #driver: DriverLoad = { lagP99Ms: 0, cpuShare: 0, saturated: false };
  #processes: ProcessFigures[] = [];
  #usage: ReturnType<typeof measureUsage> | null = null;
  #around: ReturnType<typeof measureSurroundings> | null = null;
  #surroundings: Surroundings = { othersCpuShare: null, stealShare: 0 };

  constructor(population: Population, options: LoadOptions) {
    this.#population = population;
    this.#options = options;
    this.#random = createRandom(options.seed);
    const seconds = (options.warmUpMs + options.measureMs) / 1000;
    this.#ledger = new OfferLedger(
      Math.ceil(options.rate * seconds * 1.1 + 6 * Math.sqrt(options.rate * seconds) + 100),
    );
    this.#clientIdPrefix = `bench${process.pid.toString(36)}-${Date.now().toString(36)}-${this.#runId}-`;
    this.#measureFrom = performance.now() + LEAD_MS + options.warmUpMs;
    this.#measureTo = this.#measureFrom + options.measureMs;
  }

  async offerAll(): Promise<void> {
    const meanGapMs = 1000 / this.#options.rate;
    let dueAt = this.#measureFrom - this.#options.warmUpMs + this.#random.exponential(meanGapMs);
    await new Promise<void>((resolve, reject) => {
      const tick = (): void => {
        try {
          const now = performance.now();
          this.#observe(now);
          while (dueAt <= now && dueAt < this.#measureTo) {
            this.#offer(dueAt);
            dueAt += this.#random.exponential(meanGapMs);
          }
          if (now >= this.#measureTo) resolve();
          else setTimeout(tick, TICK_MS);
        } catch (error) {
          reject(error);
        }
      };
      tick();
    });
  }

  /** Until everything is answered and delivered, or the deadline. */
  async drain(): Promise<void> {
    const end = performance.now() + this.#options.drainMs;
    while ((this.#ledger.open > 0 || this.#ledger.undelivered > 0) && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    // A doubled or late copy would arrive now.
    await new Promise((resolve) => setTimeout(resolve, 100));
  }

  result(): LoadResult {
    const seconds = this.#options.measureMs / 1000;
    return {
      offeredPerSecond: this.#counts.offered / seconds,
      acceptedPerSecond: this.#counts.accepted / seconds,
      refusedPerSecond: this.#counts.refused / seconds,
      deliveredPerSecond: this.#counts.delivered / seconds,
      lost: this.#ledger.lost(),
      duplicated: this.#check.duplicated,
      reordered: this.#check.reordered,
      unanswered: this.#ledger.open,
      faults: this.#faults,
      refusals: this.#refusals,
      ack: this.#ack.summary(),
      deliver: this.#deliver.summary(),
      refusal: this.#refusal.summary(),
      processes: this.#processes,
      driver: this.#driver,
      ...this.#surroundings,
    };
  }

  reply(member: Member, frame: Frame): void {
    const now = performance.now();
    const offer = (frame.id ?? 0) - FIRST_FREE_ID - this.#runId * ID_STRIDE;
    const intendedAt = this.#ledger.answer(offer);
    if (intendedAt === null) return;
    const measured = intendedAt >= this.#measureFrom;
    if (frame.t === 'ok') {
      this.#ledger.accepted(offer);
      if (this.#measuring) this.#counts.accepted += 1;
      if (!measured) return;
      this.#ack.record(now - intendedAt);
      this.#options.trace?.answered(this.#clientId(this.#ledger.messageOf(offer)), intendedAt, now);
      return;
    }
    const error = frame['error'] as { code?: number; name?: string; temporary?: boolean } | undefined;
    const kind = `${error?.code} ${error?.name}`;
    if (error?.temporary !== true) {
      this.#fault(kind);
      return;
    }
    this.#ledger.refused(offer, member.index);
    this.#refusals[kind] = (this.#refusals[kind] ?? 0) + 1;
    if (this.#measuring) this.#counts.refused += 1;
    if (measured) this.#refusal.record(now - intendedAt);
  }

  push(member: Member, frame: Frame): void {
    if (frame.t === 'behind' || frame.t === 'reset') this.#fault(frame.t);
    if (frame.t !== 'event' || frame['chat'] !== member.chat.id) return;
    const now = performance.now();
    const number = this.#numberOf(frame['message']?.clientId);
    const own = frame['by'] === member.user;
    const duplicates = this.#check.duplicated;
    this.#check.event(member.index, member.chat.index, frame['rev'], senderOf(member, frame['by']), number);
    if (number < 0 || this.#check.duplicated > duplicates) return;
    const intendedAt = this.#ledger.delivered(number);
    if (intendedAt === null) return;
    if (this.#measuring) this.#counts.delivered += 1;
    if (intendedAt >= this.#measureFrom && !own) this.#deliver.record(now - intendedAt);
  }

  closed(_member: Member, code: number, reason: string): void {
    this.#fault(`closed ${code} ${reason}`);
  }

  #offer(intendedAt: number): void {
    const { chats } = this.#population;
    const chat = this.#random.pick(chats);
    const member = this.#random.pick(chat.members);
    const { number, message, attempt } = this.#ledger.offer(member.index, chat.members.length, intendedAt);
    if (intendedAt >= this.#measureFrom) this.#counts.offered += 1;
    const id = FIRST_FREE_ID + this.#runId * ID_STRIDE + number;
    const again = attempt > 1 ? `"attempt":${attempt},` : '';
    const clientId = this.#clientId(message);
    member.connection.write(
      `{"t":"message.send","id":${id},${again}"chat":"${chat.id}","clientId":"${clientId}","kind":"text","text":"${TEXT} ${message}"}`,
    );
  }

  /** Opens and closes the measured time, and lets the guard look at the driver. */
  #observe(now: number): void {
    if (now < this.#measureFrom) return;
    if (this.#usage === null) {
      this.#measuring = true;
      this.#guard.start(now);
      this.#usage = measureUsage(this.#options.processes, now);
      this.#around = measureSurroundings(this.#options.processes, now);
    } else if (now < this.#measureTo) {
      this.#guard.tick(now);
    } else if (this.#measuring) {
      this.#measuring = false;
      this.#driver = this.#guard.finish(now);
      this.#processes = this.#usage(this.#counts.accepted, now);
      this.#surroundings = this.#around!(now);
    }
  }

  #clientId(message: number): string {
    return this.#clientIdPrefix + message.toString(36);
  }

  #numberOf(clientId: unknown): number {
    if (typeof clientId !== 'string' || !clientId.startsWith(this.#clientIdPrefix)) return -1;
    return Number.parseInt(clientId.slice(this.#clientIdPrefix.length), 36);
  }

  #fault(kind: string): void {
    this.#faults[kind] = (this.#faults[kind] ?? 0) + 1;
  }
}

let lastRun = 0;

/** Time between the call and the first offer. */
const LEAD_MS = 5;
/** Ids of one run; 4,000 runs of a million offers fit below 2³². */
const ID_STRIDE = 1_000_000;
/** About what people write: 65 bytes. */
const TEXT = '오늘 저녁 여섯 시에 강남역 3번 출구에서 만나요';

const memberByUser = new WeakMap<Member['chat'], Map<string, number>>();

function senderOf(member: Member, user: unknown): number {
  let index = memberByUser.get(member.chat);
  if (index === undefined) {
    index = new Map(member.chat.members.map((each) => [each.user, each.index]));
    memberByUser.set(member.chat, index);
  }
  return index.get(String(user)) ?? -1;
}
