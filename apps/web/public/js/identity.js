import { ChatError } from './chat-error.js';

/**
 * Who this tab is. The name lives in sessionStorage, so two tabs can be two people; the last name used is remembered
 * in localStorage as the suggestion for the next tab. `?user=Name` in the address signs in directly.
 */
const TAB_KEY = 'garam.user';
const LAST_KEY = 'garam.lastName';

/** @typedef {{id: string, name: string}} Identity */

/**
 * The user id that belongs to a name: the same for everyone who types it, whatever the case and spaces.
 *
 * @param {string} name
 */
export function userIdOf(name) {
  return name
    .normalize('NFC')
    .toWellFormed()
    .trim()
    .toLowerCase()
    .replace(/[\s\p{Cc}:]+/gu, '-')
    .slice(0, 40);
}

/** @returns {Identity | null} */
export function currentIdentity() {
  const asked = new URLSearchParams(location.search).get('user');
  const name = (asked ?? sessionStorage.getItem(TAB_KEY) ?? '').trim();
  return userIdOf(name) ? remember(name) : null;
}

/** @param {string} name @returns {Identity} */
export function remember(name) {
  sessionStorage.setItem(TAB_KEY, name);
  localStorage.setItem(LAST_KEY, name);
  return { id: userIdOf(name), name };
}

export function lastName() {
  return localStorage.getItem(LAST_KEY) ?? '';
}

/** Signs this tab out. */
export function forgetIdentity() {
  sessionStorage.removeItem(TAB_KEY);
}

/**
 * Development tokens for a name, fetched when needed and kept in memory.
 *
 * @param {Identity} identity
 */
export function createDevToken({ id, name }) {
  /** @type {string | null} */
  let token = null;
  return {
    /** @returns {Promise<string>} */
    async get() {
      if (token) return token;
      const response = await fetch('/v1/dev/token', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ user: id, name }),
        signal: AbortSignal.timeout(10_000),
      });
      if (response.status >= 500) throw new ChatError('unavailable', { temporary: true });
      if (!response.ok) throw new ChatError(response.status === 404 ? 'no_dev_token' : 'unauthenticated');
      token = String((await response.json()).token);
      return token;
    },
    forget() {
      token = null;
    },
  };
}
