import type { ChatEvent, Head, Mark, PresenceState, Summary } from './entities.ts';

/** Frames the server sends without being asked. They have no `id`. */
export type Push =
  | ({ t: 'event' } & ChatEvent)
  | { t: 'receipts'; chat: string; marks: Mark[] }
  | { t: 'receipts'; chat: string; unreadBy: [seq: number, count: number][] }
  | { t: 'typing'; chat: string; users: string[]; more: number }
  | { t: 'presence'; states: PresenceState[] }
  | { t: 'chat.added'; chat: Summary }
  | { t: 'chat.removed'; chat: string }
  | { t: 'chat.prefs'; chat: string; muted: boolean; pinned: boolean; hidden: boolean }
  | { t: 'behind'; chat: string; head: Head }
  | { t: 'reset'; chat: string; head: Head }
  | { t: 'drain'; afterMs: number }
  | { t: 'auth.expiring'; inMs: number }
  | { t: 'ping' };

export const PUSH_TYPES = [
  'event',
  'receipts',
  'typing',
  'presence',
  'chat.added',
  'chat.removed',
  'chat.prefs',
  'behind',
  'reset',
  'drain',
  'auth.expiring',
  'ping',
] as const satisfies readonly Push['t'][];
