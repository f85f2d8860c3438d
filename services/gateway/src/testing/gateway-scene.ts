import type { Claims } from '@garam/auth/claims';
import { createMemoryBus, type MemoryBus } from '@garam/bus-memory/create-memory-bus';
import type { BusEntry } from '@garam/contracts/bus-entry';
import type { EventLog } from '@garam/eventlog/event-log';
import { createSqliteEventLog } from '@garam/eventlog-sqlite/create-sqlite-event-log';
import { Refusal } from '@garam/protocol/errors';
import type { Service } from '@garam/service/service';
import { openSqlite } from '@garam/sqlite/open-sqlite';
import type { Store } from '@garam/store/store';
import { createSqliteStore } from '@garam/store-sqlite/sqlite-store';
import { quietLogger } from '@garam/telemetry/logger';
import { noopMeter } from '@garam/telemetry/meter';
import { createManualClock, type ManualClock } from '@garam/testkit/manual-clock';
import { createGateway } from '../gateway.ts';
import { GATEWAY_DEFAULTS, type GatewayOptions } from '../gateway-options.ts';
import { MemoryTransport, type MemoryPeer } from './memory-transport.ts';

/** A gateway on the embedded adapters, with nobody behind the log: commands are appended and never decided. */
export interface GatewayScene {
  readonly clock: ManualClock;
  readonly bus: MemoryBus;
  readonly log: EventLog;
  readonly store: Store;
  readonly transport: MemoryTransport;
  readonly gateway: Service;
  /** Connects and says hello as the user, with a token of one hour. */
  hello(user: string, fields?: object): Promise<MemoryPeer>;
  /** A chat of these users with so many messages, as the persister would have stored it. */
  haveChat(chat: string, users: readonly string[], messages?: number): Promise<void>;
  /** Publishes to this gateway what the bus would bring. */
  publish(...entries: BusEntry[]): Promise<void>;
  stop(): Promise<void>;
}

const HOUR_MS = 3_600_000;

export async function createGatewayScene(options: Partial<GatewayOptions> = {}): Promise<GatewayScene> {
  const clock = createManualClock();
  const file = openSqlite(':memory:', { clock });
  const log = createSqliteEventLog(file, { clock });
  const store = createSqliteStore(file);
  const bus = createMemoryBus({ clock });
  const transport = new MemoryTransport();
  const verifier = { verify: async (token: string) => claimsOf(token, clock.now()) };
  const gateway = createGateway(
    { transport, log, store, bus, verifier, clock, logger: quietLogger, meter: noopMeter, instance: 'gateway-1' },
    { ...GATEWAY_DEFAULTS, ...options },
  );
  await gateway.start();
  return {
    clock,
    bus,
    log,
    store,
    transport,
    gateway,
    async hello(user, fields = {}) {
      const peer = transport.connect();
      peer.tell({ t: 'hello', id: 1, token: user, device: { id: `device-of-${user}` }, ...fields });
      await clock.settle();
      return peer;
    },
    haveChat: (chat, users, messages = 0) => storeChat(store, { chat, users, messages, at: clock.now() }),
    async publish(...entries) {
      await bus.publish('gateway-1', entries);
      await clock.settle();
    },
    async stop() {
      const stopping = gateway.stop();
      await clock.advance(3_000);
      await stopping;
      await bus.close();
      await log.close();
      await store.close();
    },
  };
}

/** Tokens of these tests: `user`, `user@<ms it is valid>`, or `expired`. */
function claimsOf(token: string, now: number): Claims {
  if (token === 'expired') throw new Refusal('token_expired');
  const [user = '', ms = String(HOUR_MS)] = token.split('@');
  return { user, service: user.startsWith('svc-'), expiresAt: now + Number(ms), issuedAt: now };
}

async function storeChat(
  store: Store,
  { chat, users, messages, at }: { chat: string; users: readonly string[]; messages: number; at: number },
): Promise<void> {
  const rev = messages + 1;
  const time = { clock: at * 1_000, rev: 1 };
  const view = { visibleFrom: 1, visibleFromRev: 1, joinedAt: at };
  await store.writes.putMemberships(users.map((user) => ({ chat, user, role: 'member', ...view, ...time })));
  const settings = { join: 'invite', history: 'all', send: 'all', invite: 'all' } as const;
  const head = { chat, seq: messages, rev, clock: at * 1_000, at, kind: 'group', settings } as const;
  await store.writes.putHeads([{ ...head, memberCount: users.length }]);
}
