import {
  commandSchemas,
  isCommandType,
  UNANSWERED_COMMANDS,
  type CommandFields,
  type CommandType,
} from './commands.ts';
import { wireError, type WireError } from './errors.ts';
import { JSON_DEPTH_MAX } from './limits.ts';

/** A validated command. `id` is 0 where the frame had none and wants no reply. */
export type Command = { [T in CommandType]: { id: number; type: T; fields: CommandFields<T> } }[CommandType];

/** A frame that is no command. `id` is 0 where the frame had no usable one. */
export interface BadCommand {
  id: number;
  type?: CommandType;
  error: WireError;
}

export type ParsedCommand = Command | BadCommand;

const ID_MAX = 2 ** 32 - 1;

/** Judges one frame of a message: the command with its fields, or the error to answer with. Never throws. */
export function parseCommand(frame: unknown): ParsedCommand {
  if (typeof frame !== 'object' || frame === null || Array.isArray(frame)) return bad(0, wireError('bad_frame'));
  const { id, t } = frame as { id?: unknown; t?: unknown };
  if (id !== undefined && !isCommandId(id)) return bad(0, wireError('bad_frame', { message: 'The id is not usable.' }));
  if (typeof t !== 'string' || !isCommandType(t)) return bad(id ?? 0, wireError('unknown_type'));
  if (id === undefined && !UNANSWERED_COMMANDS.has(t))
    return bad(0, wireError('bad_frame', { message: `${t} needs an id.` }), t);
  const parsed = parseFields(t, frame);
  if (parsed.error !== undefined) return bad(id ?? 0, parsed.error, t);
  return { id: id ?? 0, type: t, fields: parsed.fields } as Command;
}

/** The fields of a command as its schema gives them, or `invalid` with a path, or `too_large`. For HTTP bodies as well. */
export function parseFields<T extends CommandType>(
  type: T,
  input: unknown,
): { fields: CommandFields<T>; error?: undefined } | { fields?: undefined; error: WireError } {
  const deep = tooDeepKey(input);
  if (deep !== undefined) return { error: wireError('invalid', { message: 'Nested too deeply.', path: deep }) };
  const parsed = commandSchemas[type].safeParse(input);
  if (parsed.success) return { fields: parsed.data as CommandFields<T> };
  return { error: errorOf(parsed.error.issues) };
}

function bad(id: number, error: WireError, type?: CommandType): BadCommand {
  return type === undefined ? { id, error } : { id, type, error };
}

export function isCommandId(id: unknown): id is number {
  return typeof id === 'number' && Number.isInteger(id) && id >= 1 && id <= ID_MAX;
}

interface Issue {
  readonly code?: string | undefined;
  readonly origin?: unknown;
  readonly message: string;
  readonly path: readonly PropertyKey[];
  readonly params?: Record<string, unknown> | undefined;
}

/** A value that is merely too big is `too_large`, unless something else is wrong as well. */
function errorOf(issues: readonly object[]): WireError {
  const wrong = (issues as readonly Issue[]).find((issue) => !isTooLarge(issue));
  if (wrong === undefined) return wireError('too_large');
  return wireError('invalid', { message: `Not valid: ${wrong.message}`, path: wrong.path.map(String).join('.') });
}

function isTooLarge(issue: Issue): boolean {
  if (issue.code === 'too_big') return issue.origin === 'string' || issue.origin === 'array';
  return issue.code === 'custom' && issue.params?.['error'] === 'too_large';
}

/** The field that makes the frame deeper than allowed (the frame itself counts), else undefined. */
function tooDeepKey(frame: unknown): string | undefined {
  for (const key in frame as Record<string, unknown>) {
    const value = (frame as Record<string, unknown>)[key];
    if (typeof value === 'object' && value !== null && isDeeper(value, JSON_DEPTH_MAX - 1)) return key;
  }
  return undefined;
}

/** Recursion ends at `levels`. */
function isDeeper(value: object, levels: number): boolean {
  if (levels === 0) return true;
  for (const key in value) {
    const child = (value as Record<string, unknown>)[key];
    if (typeof child === 'object' && child !== null && isDeeper(child, levels - 1)) return true;
  }
  return false;
}
