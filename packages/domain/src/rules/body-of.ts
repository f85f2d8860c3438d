import type { CommandBody, CommandType } from '@garam/contracts/command-record';

/** The body of one command type. */
export type BodyOf<T extends CommandType> = Extract<CommandBody, { type: T }>;
