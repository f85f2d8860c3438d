import { language, texts } from '../texts/language.js';

/** Times, dates, names and colours as people read them. */

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {number} at @param {Intl.DateTimeFormatOptions} options */
function format(at, options) {
  const key = language() + JSON.stringify(options);
  let made = formats.get(key);
  if (!made)
    formats.set(
      key,
      (made = new Intl.DateTimeFormat(
        language() === 'ko' ? 'ko-KR' : navigator.language.startsWith('en') ? navigator.language : 'en',
        options,
      )),
    );
  return made.format(at);
}

/** Hour and minute. @param {number} at */
export const timeOf = (at) => format(at, { hour: 'numeric', minute: '2-digit' });
/** The date separator's text. @param {number} at */
export const dateOf = (at) => format(at, { year: 'numeric', month: 'long', day: 'numeric', weekday: 'long' });
/** Groups messages by calendar day. @param {number} at */
export const dayKey = (at) => format(at, { year: 'numeric', month: '2-digit', day: '2-digit' });

/** Today's chats show a time, this year's a day, older ones a date. @param {number} at */
export function shortTimeOf(at) {
  const now = Date.now();
  if (dayKey(at) === dayKey(now)) return timeOf(at);
  const thisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return format(
    at,
    thisYear ? { month: 'short', day: 'numeric' } : { year: 'numeric', month: 'numeric', day: 'numeric' },
  );
}

/** @param {import('../types.js').Summary} summary @param {(user: string) => string} nameOf */
export function titleOf({ title, peer, kind, memberCount }, nameOf) {
  if (title) return title;
  if (peer && memberCount > 1) return nameOf(peer.id);
  return kind === 'direct' ? texts().notes : texts().untitled;
}

/** First letter of a name, as a person would count letters. @param {string} name */
export function initialOf(name) {
  const [first] = new Intl.Segmenter().segment(name.trim());
  return (first?.segment ?? '?').toLocaleUpperCase();
}

/** One of eight calm colours, always the same for an id. @param {string} id */
export function hueOf(id) {
  let hash = 0;
  for (let i = 0; i < id.length; i++) hash = (hash * 31 + id.charCodeAt(i)) % 997;
  return `hue-${hash % 8}`;
}

/** What a message says in one line. @param {import('../types.js').Message} message */
export function previewOf(message) {
  if (message.deleted) return texts().deleted;
  return message.text ?? texts().unsupported;
}
