import type { Server } from 'node:http';
import type { Meter } from '@opentelemetry/api';
import type { DevIssuer } from '@garam/auth/dev-issuer';
import type { Verifier } from '@garam/auth/verifier';
import type { Bus } from '@garam/bus/bus';
import type { EventLog } from '@garam/eventlog/event-log';
import type { Intake } from '@garam/intake/intake';
import type { UserRateLimits } from '@garam/intake/user-rates';
import type { Clock } from '@garam/runtime/clock';
import type { HealthOptions } from '@garam/service/health';
import type { Service } from '@garam/service/service';
import type { Store } from '@garam/store/store';
import type { Logger } from '@garam/telemetry/logger';
import type { Views } from '@garam/views/views';

export interface ApiDeps {
  log: EventLog;
  store: Store;
  bus: Bus;
  intake: Intake;
  views: Views;
  verifier: Verifier;
  clock: Clock;
  logger: Logger;
  meter: Meter;
  /** Set in the embedded mode while no JWT secret or key set is configured: `POST /v1/dev/token` exists. */
  devIssuer?: DevIssuer;
  /** Set where this port serves `/livez`, `/readyz` and `/metrics` as well. */
  health?: HealthOptions;
}

export interface ApiOptions {
  host: string;
  /** 0: any free port. */
  port: number;
  /** The intake belongs to this api alone: it listens on the bus for its answers and ends it. Else its owner does. */
  ownsIntake: boolean;
  /** Largest request body. */
  bodyBytes: number;
  /** Members above which a chat is big: no `delivered`. */
  bigChat: number;
  /** Origins whose pages may call; `*`: all. */
  allowedOrigins: readonly string[];
  /** Token buckets per user; null: no limits. */
  rates: UserRateLimits | null;
  /** Folder of the web client to serve at `/`. */
  webFolder?: string;
}

export interface Api extends Service {
  /** The HTTP server: a transport may take upgrades from it. Listens from `start` to `stop`. */
  readonly server: Server;
  /** The port listened on, after `start`. */
  port(): number;
}
