import { z } from 'zod';
import { JSON_DEPTH_MAX, LIMITS } from './limits.ts';

/**
 * The field schemas commands are built from. A schema refuses with `invalid`, except where the value is
 * merely too big: zod's `too_big` on strings and arrays, or a custom issue with `params.error = 'too_large'`.
 */

const ID = /^[A-Za-z0-9_-]{1,64}$/;
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const INTEGER_MAX = 2 ** 53 - 1;

export const SERVICE_PREFIX = 'service:';

/** clientIds, chat ids, sessions, device ids. */
export const idField = z.string().regex(ID);

function tooLarge(message: string, input: unknown) {
  return { code: 'custom' as const, params: { error: 'too_large' }, message, input };
}

/** A well-formed string of at most `bytesMax` bytes of UTF-8. */
export function boundedText(bytesMax: number) {
  return z
    .string()
    .refine((text) => text.isWellFormed(), 'not well-formed Unicode')
    .check((context) => {
      if (utf8Length(context.value) > bytesMax)
        context.issues.push(tooLarge(`more than ${bytesMax} bytes`, context.value));
    });
}

/** User ids: opaque, compared bytewise; the reserved prefix belongs to services. */
export const userField = z.string().min(1).refine(isUserId, 'not a user id');

export function isUserId(text: string): boolean {
  return (
    text.length > 0 &&
    utf8Length(text) <= 128 &&
    text.isWellFormed() &&
    !CONTROL.test(text) &&
    !text.startsWith(SERVICE_PREFIX)
  );
}

/** Bytes of `text` in UTF-8. Free of Buffer so that browsers can use it. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (unit >= 0xd800 && unit <= 0xdbff && index + 1 < text.length) {
      bytes += 2;
      index += 1;
    } else bytes += 2;
  }
  return bytes;
}

export const seqField = z.number().int().min(1).max(INTEGER_MAX);
export const cursorNumberField = z.number().int().min(0).max(INTEGER_MAX);
export const limitField = (max: number) => z.number().int().min(1).max(max).optional();
export const pageCursorField = z.string().min(1).max(1024).optional();
export const attemptField = z.number().int().min(1).max(1_000_000).optional();

/** Message text: well-formed, bounded; that it is not blank is the rule of `message.send` and `message.edit`. */
export const messageTextField = boundedText(LIMITS.textBytes);

export const titleField = boundedText(400)
  .refine((text) => text.trim().length > 0, 'blank')
  .refine((text) => !CONTROL.test(text), 'control characters')
  .check((context) => {
    if (Array.from(context.value).length > 100)
      context.issues.push(tooLarge('more than 100 characters', context.value));
  });

/** Avatars are file ids or http(s) addresses. */
export const avatarField = boundedText(1024).refine(
  (text) => ID.test(text) || /^https?:\/\/\S+$/.test(text),
  'neither a file id nor an http address',
);

export const emojiField = boundedText(32).refine(
  (text) => text.trim().length > 0 && !CONTROL.test(text),
  'blank or control characters',
);

/** Free JSON of the application: an object, bounded in bytes of its compact JSON. */
export const dataField = z.record(z.string(), z.unknown()).check((context) => {
  if (jsonDepth(context.value) > JSON_DEPTH_MAX) {
    context.issues.push({ code: 'custom', message: 'nested too deeply', input: context.value });
    return;
  }
  const text = JSON.stringify(context.value);
  if (!text.isWellFormed() || /\\ud[89a-f]/i.test(text))
    context.issues.push({ code: 'custom', message: 'not well-formed Unicode', input: context.value });
  else if (utf8Length(text) > LIMITS.dataBytes)
    context.issues.push(tooLarge(`more than ${LIMITS.dataBytes} bytes`, context.value));
});

function jsonDepth(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let deepest = 0;
  for (const child of Object.values(value)) {
    deepest = Math.max(deepest, jsonDepth(child));
    if (deepest > JSON_DEPTH_MAX) break;
  }
  return deepest + 1;
}

export const mentionField = z.object({
  user: z.string().refine((text) => text === '*' || isUserId(text), 'not a user id'),
  from: cursorNumberField,
  length: z.number().int().min(1).max(LIMITS.textBytes),
});

export const attachmentField = z.object({
  id: idField,
  name: boundedText(255).refine((text) => text.length > 0 && !CONTROL.test(text), 'blank or control characters'),
  type: z
    .string()
    .max(127)
    .regex(/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/),
  size: cursorNumberField,
  width: z.number().int().min(1).max(65_535).optional(),
  height: z.number().int().min(1).max(65_535).optional(),
  thumb: idField.optional(),
});

export const settingsField = z.object({
  join: z.enum(['invite', 'open']).optional(),
  history: z.enum(['joined', 'all']).optional(),
  send: z.enum(['all', 'admins']).optional(),
  invite: z.enum(['all', 'admins']).optional(),
});

export const usersField = z.array(userField).min(1).max(200);
