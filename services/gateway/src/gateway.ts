import type { Meter } from '@opentelemetry/api';
import type { Verifier } from '@garam/auth/verifier';
import type { Bus } from '@garam/bus/bus';
import type { EventLog } from '@garam/eventlog/event-log';
import { createBusLink, type BusLink } from '@garam/intake/bus-link';
import type { Intake } from '@garam/intake/intake';
import { CLOSE_CODES, type CloseName } from '@garam/protocol/close-codes';
import { wireError } from '@garam/protocol/errors';
import { jsonCodec } from '@garam/protocol/json-codec';
import type { Clock } from '@garam/runtime/clock';
import type { Readiness, Service } from '@garam/service/service';
import type { Store } from '@garam/store/store';
import type { Logger } from '@garam/telemetry/logger';
import type { Connection, ConnectionHandlers, Transport } from '@garam/transport/transport';
import type { Views } from '@garam/views/views';
import { acceptUpgrade, codecOf } from './accept-upgrade.ts';
import { GatewayConnection } from './connection/gateway-connection.ts';
import { createEdge } from './create-edge.ts';
import { deliveryParts, type DeliveryParts } from './delivery/delivery-parts.ts';
import type { Edge } from './edge.ts';
import type { GatewayOptions } from './gateway-options.ts';
import { handleEntries } from './handle-entries.ts';
import { obeyAllStandings } from './session/obey-standing.ts';
import { SharedPush } from './shared-push.ts';
import { tailingParts, type TailingParts } from './tailing/tailing.ts';

export interface GatewayDeps {
  /** Starts and stops with the gateway. */
  transport: Transport;
  log: EventLog;
  store: Store;
  bus: Bus;
  verifier: Verifier;
  clock: Clock;
  logger: Logger;
  meter: Meter;
  /** Id of this gateway on the bus: unique among all processes, different after a restart. */
  instance: string;
  /** One that is shared with the api of the same process, its `origin` this instance; ended by whoever made it. */
  intake?: Intake;
  views?: Views;
}

/** Steps that carry a guarantee, exchanged by simulations only. */
export interface GatewayParts {
  delivery: DeliveryParts;
  tailing: TailingParts;
}

export const gatewayParts: GatewayParts = { delivery: deliveryParts, tailing: tailingParts };

const CLOSED_WITHIN_MS = 2_500;
const POLL_MS = 25;
/** How far this machine's clock may be from the log's. */
const CLOCK_UNCERTAINTY_MAX_MS = 5_000;

/** The edge: WebSocket connections in, commands to the log, events and ephemera out. */
export function createGateway(deps: GatewayDeps, options: GatewayOptions, parts: GatewayParts = gatewayParts): Service {
  const { clock, transport } = deps;
  const edge = createEdge(deps, options, parts);
  const cancels: (() => void)[] = [];
  let state: 'new' | 'ready' | 'draining' | 'stopped' = 'new';
  const link = linkToBus(edge);

  async function start(): Promise<void> {
    edge.tailing.start();
    await link.start();
    edge.delivery.start();
    cancels.push(clock.every(sweepEveryMs(options), () => sweep(edge)));
    cancels.push(clock.every(options.presenceLeaseMs / 3, () => refreshPresence(edge)));
    await transport.start({
      accept: (request) => acceptUpgrade(request, options),
      opened: (io) => openConnection(edge, io),
    });
    state = 'ready';
  }

  async function drain(graceMs: number): Promise<void> {
    if (state !== 'ready') return;
    state = 'draining';
    transport.stopAccepting();
    const afterMs = Math.min(options.drainMs, graceMs);
    const push = new SharedPush({ t: 'drain', afterMs });
    for (const connection of edge.connections) connection.push(push);
    await untilNone(edge, afterMs);
    await closeAll('draining');
  }

  async function stop(): Promise<void> {
    if (state === 'stopped') return;
    state = 'stopped';
    transport.stopAccepting();
    await closeAll('restart');
    for (const cancel of cancels) cancel();
    if (deps.intake === undefined) edge.intake.stop();
    await edge.receipts.flush();
    edge.tailing.stop();
    await edge.delivery.stop();
    await link.stop();
    await transport.stop();
  }

  /** Closes what is connected and waits, not for ever, until it is gone. */
  async function closeAll(name: CloseName): Promise<void> {
    for (const connection of edge.connections) connection.close(name);
    const until = clock.monotonic() + CLOSED_WITHIN_MS;
    while (edge.closing.size > 0 && clock.monotonic() < until) await clock.sleep(POLL_MS);
    for (const connection of edge.closing) connection.io.terminate();
  }

  function readiness(): Readiness {
    if (state !== 'ready') return { ready: false, reason: state === 'new' ? 'not started' : state };
    const { clockUncertaintyMs } = edge.intake.load();
    if (clockUncertaintyMs !== null && clockUncertaintyMs > CLOCK_UNCERTAINTY_MAX_MS)
      return { ready: false, reason: `the clock may be ${clockUncertaintyMs} ms off` };
    const { partitions } = edge.tailing;
    if (partitions === 0 && !link.isLost) return { ready: true };
    const cause = link.isLost || edge.tailing.isCut ? 'the bus is out of reach' : 'fanout is silent';
    return { ready: true, degraded: `${cause}: ${partitions} partitions of the log are read here` };
  }

  return { name: 'gateway', start, drain, stop, readiness };
}

function linkToBus(edge: Edge): BusLink {
  const { bus, instance, clock, logger } = edge;
  return createBusLink({
    bus,
    instance,
    clock,
    failed: (error) => logger.warn({ err: error }, 'the bus cannot be subscribed to: the log is read here'),
    entries: (entries) => handleEntries(edge, entries),
    lost(isLost) {
      edge.tailing.lost(isLost);
      if (isLost) return;
      refreshPresence(edge);
      void obeyAllStandings(edge);
    },
  });
}

/** Often enough for the shortest of the times that connections are closed after. */
function sweepEveryMs({ heartbeat, helloTimeoutMs }: GatewayOptions): number {
  return Math.min(1_000, Math.max(20, Math.min(heartbeat.intervalMs, heartbeat.timeoutMs, helloTimeoutMs) / 8));
}

function sweep(edge: Edge): void {
  const now = edge.clock.monotonic();
  for (const connection of edge.connections) connection.tick(now);
}

function refreshPresence(edge: Edge): void {
  edge.presence.refresh().catch((error: unknown) => edge.logger.debug({ err: error }, 'presence could not be renewed'));
}

function openConnection(edge: Edge, io: Connection): ConnectionHandlers {
  const codec = codecOf(io.protocol);
  if (codec === undefined) return refuseVersion(edge, io);
  const connection = new GatewayConnection(edge, io, codec);
  edge.connections.add(connection);
  edge.metrics.connections.add(1);
  return connection;
}

const NO_HANDLERS: ConnectionHandlers = { message() {}, closed() {} };

function refuseVersion(edge: Edge, io: Connection): ConnectionHandlers {
  const { code, meaning } = CLOSE_CODES.version;
  io.send(jsonCodec.encodeErr(0, wireError('unsupported_version')));
  edge.clock.endOfTurn(() => io.close(code, meaning));
  return NO_HANDLERS;
}

/** Waits until nobody is connected any more, at most `ms`. */
async function untilNone(edge: Edge, ms: number): Promise<void> {
  const until = edge.clock.monotonic() + ms;
  while (edge.connections.size > 0 && edge.clock.monotonic() < until) await edge.clock.sleep(POLL_MS);
}
