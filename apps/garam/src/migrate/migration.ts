import type { EventLog } from '@garam/eventlog/event-log';
import type { Clock } from '@garam/runtime/clock';
import type { Store } from '@garam/store/store';
import type { StoreExport } from '@garam/store-sqlite/export-rows';
import type { Patiently } from '../patience.ts';

/** The embedded folder: nobody else has it open. */
export interface Source {
  folder: string;
  log: EventLog;
  store: Store;
  rows: StoreExport;
}

/** The log and the store that take over. */
export interface Target {
  log: EventLog;
  store: Store;
}

/** What every step of a migration works with. */
export interface Migration {
  source: Source;
  target: Target;
  clock: Clock;
  /** Repeats what fails because a server is away for a while. */
  patiently: Patiently;
  /** Tells people how far it is. */
  progress: Progress;
}

export interface Progress {
  line(text: string): void;
  /** A step begins; `total` where it is known. */
  step(what: string, total?: number): Step;
}

export interface Step {
  add(count: number): void;
  done(): void;
}

/** The migration cannot be done, or not like this: a text for people. */
export class MigrationRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MigrationRefused';
  }
}
