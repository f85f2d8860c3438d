import type { Message } from '@garam/protocol/entities';

const LAST_TEXT_MAX = 200;

/** A message for a chat list: at most 200 characters of text, mentions within them, no reactions. */
export function cutText(message: Message): Message {
  const { reactions: _reactions, ...rest } = message;
  const { text } = rest;
  if (text === undefined || text.length <= LAST_TEXT_MAX) return rest;
  const cut = text.slice(0, LAST_TEXT_MAX).isWellFormed() ? LAST_TEXT_MAX : LAST_TEXT_MAX - 1;
  const { mentions, ...others } = rest;
  const inside = mentions?.filter((mention) => mention.from + mention.length <= cut) ?? [];
  return { ...others, text: text.slice(0, cut), ...(inside.length === 0 ? {} : { mentions: inside }) };
}
