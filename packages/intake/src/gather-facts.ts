import { Refusal, wireError, type WireError } from '@garam/protocol/errors';
import { isService } from '@garam/views/decide-access';
import type { Facts } from './build-body.ts';
import type { ContentFacts } from './content-facts.ts';
import { isDirectChatId } from './derive-chat-id.ts';
import type { DirectBlocks } from './direct-blocks.ts';
import type { SubmitRequest } from './submit-request.ts';

export interface FactSources {
  content: ContentFacts;
  blocks: DirectBlocks;
  capacity: { group: number; channel: number };
}

/** Facts, or why the command is refused. */
export type Gathered = Facts | { refusal: WireError };

const NOTHING: Facts = {};
const BLOCKED = { refusal: wireError('blocked') };

/** Gives an answer at once wherever nothing must be read: that keeps the order of sends without waiting. */
export function gatherFacts(request: SubmitRequest, chat: string, sources: FactSources): Gathered | Promise<Gathered> {
  switch (request.type) {
    case 'message.send':
      return gatherForSend(request, chat, sources);
    case 'message.edit':
      return settled(gatherForEdit(request, chat, sources));
    case 'message.delete':
      return settled(
        sources.content.message(request.actor.id, chat, request.fields.seq).then((row) => ({ author: row.by })),
      );
    case 'reaction.set':
      return settled(sources.content.message(request.actor.id, chat, request.fields.seq).then(() => NOTHING));
    case 'chat.create':
      return { capacity: request.fields.kind === 'direct' ? 2 : sources.capacity[request.fields.kind] };
    case 'chat.join':
    case 'member.add':
      return settled(gatherCapacity(chat, sources));
    default:
      return NOTHING;
  }
}

type Send = Extract<SubmitRequest, { type: 'message.send' }>;
type Edit = Extract<SubmitRequest, { type: 'message.edit' }>;

function gatherForSend({ actor, fields }: Send, chat: string, sources: FactSources): Gathered | Promise<Gathered> {
  const isBlocked = isDirectChatId(chat) && !isService(actor.id) ? sources.blocks.isBlocked(chat, actor.id) : false;
  if (fields.replyTo === undefined && typeof isBlocked === 'boolean') return isBlocked ? BLOCKED : NOTHING;
  return settled(readForSend(actor.id, chat, { isBlocked, replyTo: fields.replyTo, sources }));
}

async function readForSend(
  actor: string,
  chat: string,
  send: { isBlocked: boolean | Promise<boolean>; replyTo: number | undefined; sources: FactSources },
): Promise<Gathered> {
  if (await send.isBlocked) return BLOCKED;
  if (send.replyTo !== undefined) await send.sources.content.checkReplyTo(actor, chat, send.replyTo);
  return NOTHING;
}

async function gatherForEdit({ actor, fields }: Edit, chat: string, { content }: FactSources): Promise<Gathered> {
  const row = await content.message(actor.id, chat, fields.seq);
  if (row.by !== actor.id) return { refusal: wireError('forbidden') };
  const units = (fields.text ?? row.text ?? '').length;
  if (fields.mentions?.some((mention) => mention.from + mention.length > units))
    return { refusal: wireError('invalid', { message: 'outside the text', path: 'mentions' }) };
  return { author: row.by };
}

async function gatherCapacity(chat: string, { content, capacity }: FactSources): Promise<Gathered> {
  const kind = await content.kind(chat);
  return { capacity: kind === 'direct' ? 2 : capacity[kind ?? 'group'] };
}

/** Turns what reading throws into values: a Refusal as it is, anything else means the store is out of reach. */
function settled(gathering: Promise<Gathered>): Promise<Gathered> {
  return gathering.catch((error: unknown) => ({
    refusal:
      error instanceof Refusal
        ? error.wire
        : wireError('unavailable', { message: 'Facts cannot be read now.', retryAfterMs: 500 }),
  }));
}
