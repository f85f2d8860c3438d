import type { Verifier } from '@garam/auth/verifier';
import type { Bus } from '@garam/bus/bus';
import type { EventLog } from '@garam/eventlog/event-log';
import type { Intake } from '@garam/intake/intake';
import type { UserRates } from '@garam/intake/user-rates';
import type { Command, BadCommand } from '@garam/protocol/parse-command';
import type { Clock } from '@garam/runtime/clock';
import type { Store } from '@garam/store/store';
import type { Logger } from '@garam/telemetry/logger';
import type { Transport } from '@garam/transport/transport';
import type { Views } from '@garam/views/views';
import type { GatewayConnection } from './connection/gateway-connection.ts';
import type { Delivery } from './delivery/delivery.ts';
import type { ChatViews } from './ephemera/chat-views.ts';
import type { Presence } from './ephemera/presence.ts';
import type { ReceiptWindow } from './ephemera/receipt-window.ts';
import type { Typing } from './ephemera/typing.ts';
import type { GatewayOptions } from './gateway-options.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { LogNameSource } from './session/log-name.ts';
import type { Session } from './session/session.ts';
import type { Tailing } from './tailing/tailing.ts';

/** What every connection of this gateway shares. */
export interface Edge {
  readonly instance: string;
  readonly options: GatewayOptions;
  readonly transport: Transport;
  readonly log: EventLog;
  readonly logName: LogNameSource;
  readonly store: Store;
  readonly bus: Bus;
  readonly verifier: Verifier;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: GatewayMetrics;
  readonly intake: Intake;
  readonly views: Views;
  readonly userRates: UserRates;
  readonly delivery: Delivery;
  readonly tailing: Tailing;
  readonly receipts: ReceiptWindow;
  readonly typing: Typing;
  readonly presence: Presence;
  readonly chatViews: ChatViews;
  readonly connections: Set<GatewayConnection>;
  /** Closed by the gateway, their end not seen yet. */
  readonly closing: Set<GatewayConnection>;

  newSessionId(): string;
  newTraceparent(): string;
  /** Answers the first frame of a connection. */
  greet(connection: GatewayConnection, hello: Command | BadCommand): void;
  /** Carries out a command of an authenticated connection. */
  dispatch(session: Session, command: Command, readAt: number): void;
  /** The connection is gone, or closing: nothing more will be read or written. */
  ended(connection: GatewayConnection): void;
}

/** The sessions of a user in this gateway. */
export function sessionsOf(edge: Pick<Edge, 'delivery'>, user: string): Session[] {
  return [...edge.delivery.attachmentsOf(user)].map((attachment) => attachment.receiver as Session);
}
