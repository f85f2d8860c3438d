import type { CommandBody, CommandRecord } from '@garam/contracts/command-record';

export interface CommandFields {
  chat?: string;
  actor?: string;
  clientId: string;
  attempt?: number;
  /** ms; the record's time by default. */
  sentAt?: number;
  digest?: string;
  body: CommandBody;
}

const settings = { join: 'invite', history: 'joined', send: 'all', invite: 'all' } as const;
let numbers = 0;

/** A command as an edge would append it; its `cause.command` is unique in this process. */
export function command(fields: CommandFields, now: number): CommandRecord {
  const { chat = 'c1', actor = 'alice', clientId, attempt = 1, sentAt = now, body } = fields;
  const digest = fields.digest ?? `digest of ${clientId}`;
  return { chat, actor, clientId, attempt, sentAt, digest, cause: { origin: 'edge', command: ++numbers }, body };
}

export function creation(...members: string[]): CommandBody {
  return { type: 'chat.create', kind: 'group', members: ['alice', ...members], settings, capacity: 1_000 };
}

export function text(said: string): CommandBody {
  return { type: 'message.send', kind: 'text', text: said };
}

export function adding(...users: string[]): CommandBody {
  return { type: 'member.add', users, capacity: 1_000 };
}
