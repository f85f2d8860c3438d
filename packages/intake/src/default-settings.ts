import type { ChatKind, Settings } from '@garam/contracts/chat-values';

/** Settings of a new chat where `chat.create` does not name them. */
export const DEFAULT_SETTINGS: Readonly<Record<ChatKind, Readonly<Settings>>> = {
  direct: { join: 'invite', history: 'all', send: 'all', invite: 'admins' },
  group: { join: 'invite', history: 'joined', send: 'all', invite: 'all' },
  channel: { join: 'open', history: 'all', send: 'admins', invite: 'admins' },
};
