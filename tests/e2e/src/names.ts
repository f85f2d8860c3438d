import { randomBytes } from 'node:crypto';

/** A user id nobody has used before: `alice-3f9c…`. */
export function userId(name: string): string {
  return `${name}-${randomBytes(5).toString('hex')}`;
}

/** A clientId nobody has used before. */
export function newId(): string {
  return randomBytes(13).toString('hex');
}

/** `count` user ids: `m0-…`, `m1-…`. */
export function userIds(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => userId(`${name}${i}`));
}

/** Sorted as text: for comparing sets. */
export function sorted(names: string[]): string[] {
  return [...names].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
