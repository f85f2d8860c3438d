import type { CommandBody } from '@garam/contracts/command-record';
import type { MessageContent, Settings } from '@garam/contracts/chat-values';
import { DEFAULT_SETTINGS } from './default-settings.ts';
import { directPeople } from './derive-chat-id.ts';
import type { SubmitRequest } from './submit-request.ts';

/** What only the edge knows and the command carries. */
export interface Facts {
  /** Of the message edited or deleted. */
  author?: string;
  /** Members the chat may have. */
  capacity?: number;
}

/** The command as the log carries it. Where it is marked `refuse`, missing facts do not matter. */
export function buildBody(request: SubmitRequest, facts: Facts): CommandBody {
  switch (request.type) {
    case 'message.send':
      return sendBody(request.fields);
    case 'message.edit': {
      const { seq, text, data, mentions } = request.fields;
      return {
        type: request.type,
        seq,
        author: facts.author ?? request.actor.id,
        ...(text === undefined ? {} : { text }),
        ...(data === undefined ? {} : { data: JSON.stringify(data) }),
        ...(mentions === undefined ? {} : { mentions }),
      };
    }
    case 'message.delete':
      return { type: request.type, seq: request.fields.seq, author: facts.author ?? request.actor.id };
    case 'reaction.set': {
      const { seq, emoji, on } = request.fields;
      return { type: request.type, seq, emoji, on };
    }
    case 'chat.create':
      return createBody(request, facts);
    case 'chat.update': {
      const { title, avatar, settings } = request.fields;
      return {
        type: request.type,
        ...(title === undefined ? {} : { title }),
        ...(avatar === undefined ? {} : { avatar }),
        ...(settings === undefined ? {} : { settings: givenSettings(settings) }),
      };
    }
    case 'chat.join':
      return { type: request.type, capacity: facts.capacity ?? 0 };
    case 'chat.leave':
      return { type: request.type };
    case 'member.add':
      return { type: request.type, users: [...new Set(request.fields.users)], capacity: facts.capacity ?? 0 };
    case 'member.remove':
      return { type: request.type, user: request.fields.user };
    case 'member.role':
      return { type: request.type, user: request.fields.user, role: request.fields.role };
  }
}

type Fields<T extends SubmitRequest['type']> = Extract<SubmitRequest, { type: T }>['fields'];

function sendBody(fields: Fields<'message.send'>): CommandBody {
  const body: { type: 'message.send' } & MessageContent = { type: 'message.send', kind: fields.kind };
  if (fields.text !== undefined) body.text = fields.text;
  if (fields.data !== undefined) body.data = JSON.stringify(fields.data);
  if (fields.replyTo !== undefined) body.replyTo = fields.replyTo;
  if (fields.mentions !== undefined) body.mentions = fields.mentions;
  if (fields.attachments !== undefined) body.attachments = fields.attachments;
  return body;
}

function createBody(request: Extract<SubmitRequest, { type: 'chat.create' }>, facts: Facts): CommandBody {
  const { kind, members, title, avatar, settings } = request.fields;
  const people = directPeople(request.actor.id, members);
  const base = {
    type: request.type,
    kind,
    members: people.length > 0 ? people : [request.actor.id],
    capacity: facts.capacity ?? people.length,
  };
  if (kind === 'direct') return { ...base, settings: { ...DEFAULT_SETTINGS.direct } };
  return {
    ...base,
    ...(title === undefined ? {} : { title }),
    ...(avatar === undefined ? {} : { avatar }),
    settings: { ...DEFAULT_SETTINGS[kind], ...givenSettings(settings ?? {}) },
  };
}

function givenSettings(settings: { [K in keyof Settings]?: Settings[K] | undefined }): Partial<Settings> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
