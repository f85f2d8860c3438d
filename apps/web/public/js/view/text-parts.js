import { element } from './element.js';

const LINK = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}]/giu;

/**
 * A text as nodes: plain text, and links for http(s) addresses only.
 *
 * @param {string} text
 * @returns {Node[]}
 */
export function textParts(text) {
  /** @type {Node[]} */
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    if (!URL.canParse(match[0])) continue;
    parts.push(document.createTextNode(text.slice(end, match.index)));
    parts.push(element('a', { href: match[0], text: match[0], target: '_blank', rel: 'noopener noreferrer nofollow' }));
    end = match.index + match[0].length;
  }
  parts.push(document.createTextNode(text.slice(end)));
  return parts;
}
