import { z } from 'zod';
import { boundedText, userField } from '@garam/protocol/fields';
import { Refusal } from '@garam/protocol/errors';
import type { DevIssuer } from '@garam/auth/dev-issuer';

export const devTokenBody = z.object({
  user: userField,
  name: boundedText(400)
    .refine((name) => name.trim().length > 0, 'blank')
    .optional(),
});

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i;

/**
 * A token for whoever asks on this machine. The server listens on the loopback address alone; that a page of another
 * site asks under a name that only looks like this machine (DNS rebinding) is refused by the Host it names.
 */
export async function devToken(
  issuer: DevIssuer,
  { body, host, origin }: { body: unknown; host: string | undefined; origin: string | undefined },
): Promise<{ token: string }> {
  const originHost = origin === undefined ? undefined : URL.canParse(origin) ? new URL(origin).host : origin;
  if (!LOOPBACK.test(host ?? '') || (originHost !== undefined && !LOOPBACK.test(originHost)))
    throw new Refusal('forbidden', { message: 'Development tokens are for this machine only.' });
  const parsed = devTokenBody.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Refusal('invalid', { message: issue?.message ?? 'not valid', path: issue?.path.join('.') ?? '' });
  }
  return { token: await issuer.issue(parsed.data.user, parsed.data.name) };
}
