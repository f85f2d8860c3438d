import { randomBytes } from 'node:crypto';

const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** A new W3C trace context, sampled. */
export function newTraceparent(): string {
  const bytes = randomBytes(24).toString('hex');
  return `00-${bytes.slice(0, 32)}-${bytes.slice(32)}-01`;
}

/** The caller's trace context where it is well formed, else a new one. */
export function traceparentOr(header: string | undefined): string {
  return header !== undefined && TRACEPARENT.test(header) ? header : newTraceparent();
}
