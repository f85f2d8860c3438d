import { createAnswerLink } from '@garam/intake/answer-link';
import { createIntake } from '@garam/intake/create-intake';
import type { Intake } from '@garam/intake/intake';
import type { DeliveryParts } from '@garam/service-gateway/delivery/delivery-parts';
import { deliveryParts } from '@garam/service-gateway/delivery/delivery-parts';
import { createGateway, type GatewayParts } from '@garam/service-gateway/gateway';
import { GATEWAY_DEFAULTS, type GatewayOptions } from '@garam/service-gateway/gateway-options';
import { tailingParts, type TailingParts } from '@garam/service-gateway/tailing/tailing';
import { createFanout, fanoutParts, type FanoutParts } from '@garam/service-fanout/fanout';
import { createPersister, persisterParts, type PersisterParts } from '@garam/service-persister/persister';
import { createSequencer, type SequencerOptions } from '@garam/service-sequencer/sequencer';
import { sequencerParts, type SequencerParts } from '@garam/service-sequencer/sequencer-parts';
import { createCountingMeter } from './counting-meter.ts';
import { createLogClient } from './log-client.ts';
import { Replicas } from './replicas.ts';
import { SimBroker } from './sim-broker.ts';
import { createBusClient, SimBus } from './sim-bus.ts';
import { SimProcess } from './sim-process.ts';
import { createSimTransport, type SimTransport } from './sim-socket.ts';
import { createStoreClient } from './sim-store.ts';
import { withoutTailing } from './without-tailing.ts';
import { BLOCKED_WORD } from './workload.ts';
import type { World } from './world.ts';

/** Pieces of the services exchanged for worse ones. */
export interface Sabotage {
  sequencer?: Partial<SequencerParts>;
  persister?: Partial<PersisterParts>;
  fanout?: Partial<FanoutParts>;
  delivery?: Partial<DeliveryParts>;
  tailing?: Partial<TailingParts>;
  /** Tables whose rows are overwritten by whatever arrives last. */
  ignoresTimestampsOf?: (table: string) => boolean;
}

export type ServiceKind = 'sequencer' | 'persister' | 'fanout' | 'gateway' | 'api';

/** A place for a process, which outlives crashes. */
export interface Slot {
  kind: ServiceKind;
  name: string;
  process: SimProcess;
  generation: number;
  transport?: SimTransport;
  intake?: Intake;
}

const COUNTS: Record<ServiceKind, number> = { sequencer: 3, persister: 2, fanout: 2, gateway: 3, api: 2 };
const SEQUENCER: SequencerOptions = {
  flushIntervalMs: 400,
  dirtyChatsMax: 100,
  backlogMax: 200,
  parkedMax: 50,
  unsavedCommandsMax: 500,
  memoryRowsMax: 60,
  batchRecordsMax: 8,
  batchBytesMax: 1e5,
  backoff: {
    baseMs: 20,
    maxMs: 500,
  },
  startTimeoutMs: 36e5,
};
const CONSUMER = { backoff: { baseMs: 20, maxMs: 500 }, commitIntervalMs: 20, startTimeoutMs: 3_600_000 };

/** How far the clock of an edge may be off: what a time service allows on a bad day. */
const SKEW_MAX_MS = 250;

/** All servers of a run. */
export class Cluster {
  readonly broker: SimBroker;
  readonly replicas: Replicas;
  readonly bus: SimBus;
  readonly slots: Slot[] = [];
  readonly #world: World;
  readonly #sabotage: Sabotage;

  constructor(world: World, sabotage: Sabotage) {
    this.#world = world;
    this.#sabotage = sabotage;
    this.broker = new SimBroker(world);
    const { ignoresTimestampsOf } = sabotage;
    this.replicas = new Replicas(world, ignoresTimestampsOf === undefined ? {} : { ignoresTimestampsOf });
    this.bus = new SimBus(world);
    for (const kind of Object.keys(COUNTS) as ServiceKind[]) {
      for (let index = 0; index < COUNTS[kind]; index++) {
        const name = `${kind}${index}`;
        const slot: Slot = { kind, name, generation: 0, process: new SimProcess(world, name) };
        this.slots.push(slot);
        this.start(slot);
      }
    }
  }

  of(kind: ServiceKind): Slot[] {
    return this.slots.filter((slot) => slot.kind === kind);
  }

  /** Runs a new process in the slot. */
  start(slot: Slot): void {
    slot.generation += 1;
    const isEdge = slot.kind === 'gateway' || slot.kind === 'api';
    const skewMs = isEdge ? this.#world.random.between(-SKEW_MAX_MS, SKEW_MAX_MS) : 0;
    slot.process = new SimProcess(this.#world, `${slot.name}.${slot.generation}`, skewMs);
    if (slot.kind === 'gateway') this.#startGateway(slot);
    else if (slot.kind === 'api') this.#startApi(slot);
    else this.#startConsumer(slot);
  }

  #ports(process: SimProcess) {
    return {
      log: createLogClient(this.#world, this.broker, process),
      store: createStoreClient(this.replicas, process),
      bus: createBusClient(this.#world, this.bus, process),
      clock: process.clock,
      logger: this.#world.logger,
      meter: createCountingMeter(this.#world.stats),
    };
  }

  #startConsumer({ kind, process }: Slot): void {
    const ports = this.#ports(process);
    const sabotage = this.#sabotage;
    const service =
      kind === 'sequencer'
        ? createSequencer(ports, SEQUENCER, { ...sequencerParts, ...sabotage.sequencer })
        : kind === 'persister'
          ? createPersister(ports, { ...CONSUMER, paceMs: 0 }, { ...persisterParts, ...sabotage.persister })
          : createFanout(ports, CONSUMER, { ...fanoutParts, ...sabotage.fanout });
    service
      .start()
      .catch((error: unknown) => this.#world.problem('I10', `${process.name} did not start: ${String(error)}`));
  }

  #startGateway(slot: Slot): void {
    const { process } = slot;
    const transport = createSimTransport(process);
    slot.transport = transport;
    const verifier = {
      verify: async (token: string) => ({ user: token, service: false, expiresAt: Infinity, issuedAt: 1 }),
    };
    const parts: GatewayParts = {
      delivery: { ...deliveryParts, ...this.#sabotage.delivery },
      tailing: {
        ...tailingParts,
        ...(this.#world.profile.withoutTailing === true ? { createTailing: withoutTailing } : {}),
        ...this.#sabotage.tailing,
      },
    };
    const gateway = createGateway(
      { ...this.#ports(process), transport, verifier, instance: process.name },
      this.#gatewayOptions(slot),
      parts,
    );
    this.#startUntilDone(slot, () => gateway.start());
  }

  /** An edge without sockets: calls come and are answered. */
  #startApi(slot: Slot): void {
    const { process } = slot;
    const { log, store, bus, clock, meter } = this.#ports(process);
    const options = { ...this.#gatewayOptions(slot).intake, origin: process.name };
    const intake = createIntake(
      { log, reads: store.reads, users: store.users, recent: bus.recent, clock, meter },
      options,
    );
    const answers = createAnswerLink({ log, bus, clock, intake, failed: () => undefined });
    this.#startUntilDone(slot, async () => {
      await answers.start();
      slot.intake = intake;
    });
  }

  /** As an orchestrator does: what does not start is started again. */
  #startUntilDone(slot: Slot, start: () => Promise<unknown>): void {
    const { process } = slot;
    start().catch(() => {
      if (slot.process !== process || process.state === 'dead') return;
      process.crash();
      this.#world.scheduler.schedule(500, () => {
        if (slot.process === process) this.start(slot);
      });
    });
  }

  #gatewayOptions(slot: Slot): GatewayOptions {
    const { profile, random } = this.#world;
    const filters = random.chance(profile.policies);
    const limits = random.chance(profile.policies / 2);
    return {
      ...GATEWAY_DEFAULTS,
      allowedOrigins: ['*'],
      rates: limits ? { messages: { perSecond: 1, burst: 3 }, commands: { perSecond: 50, burst: 200 } } : null,
      intake: { replyTimeoutMs: 4_000, blockedWords: filters && slot.name.endsWith('1') ? [BLOCKED_WORD] : [] },
      delivery: profile.delivery,
    };
  }
}
