import type { Clock } from '@garam/runtime/clock';
import type { SqliteFile } from '@garam/sqlite/sqlite-file';
import type { Logger } from '@garam/telemetry/logger';
import type { Meter } from '@opentelemetry/api';

export interface AdapterDeps {
  clock: Clock;
  logger: Logger;
  meter: Meter;
}

export interface AdapterOptions {
  /** Shown in the servers' own logs: `garam-sequencer`. */
  clientName: string;
  /** Until a server must have answered, ms. */
  openDeadlineMs: number;
  /** Makes topics and tables that are missing. What exists is not altered, but tables are brought up to date. */
  provision: boolean;
}

/** A port's adapter and what has to be closed with it. */
export interface Opened<Port> {
  port: Port;
  /** The file behind it, if it is one; open files are shared within the process. */
  file?: SqliteFile;
  close(): Promise<void>;
}
