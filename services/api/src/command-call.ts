import type { CommandFields, CommandType } from '@garam/protocol/commands';
import type { Caller } from './caller.ts';

/** One `POST /v1/{t}`, checked and ready to run. */
export interface CommandCall<T extends CommandType = CommandType> {
  type: T;
  fields: CommandFields<T>;
  caller: Caller;
  /** ≥ 2: an HTTP caller may always be repeating itself. */
  attempt: number;
  /** When the request was read, ms. */
  readAt: number;
  traceparent: string;
  /** Whether the caller is still there. */
  stillWanted(): boolean;
}
