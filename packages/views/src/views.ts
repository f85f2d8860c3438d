import type { CommandFields } from '@garam/protocol/commands';
import type { ChatEvent, Head, Mark, Summary } from '@garam/protocol/entities';
import type { OkFields } from '@garam/protocol/replies';
import type { EventRecord } from '@garam/contracts/event-record';

/**
 * The read side of an edge, in the shape of the wire. Everything is read as of a persisted head; `atLeastRev` is the
 * highest rev the asking connection has been pushed or acknowledged in that chat (0: none): the answer's head is not
 * below it. A viewer is a user id, or `service:<sub>`, which may see every chat.
 *
 * All throw Refusal: `not_found` for chats the viewer is not in, `unavailable` when the persister does not get there
 * within 2 s or the store is out of reach.
 */
export interface Views {
  chatsList(viewer: string, fields: CommandFields<'chats.list'>, known?: KnownChats): Promise<OkFields['chats.list']>;
  /** The Summary as of a persisted rev, which is its `head.rev`. */
  chat(viewer: string, chat: string, atLeastRev?: number): Promise<Summary>;
  membersList(
    viewer: string,
    fields: CommandFields<'members.list'>,
    atLeastRev?: number,
  ): Promise<OkFields['members.list']>;
  history(viewer: string, fields: CommandFields<'history'>, atLeastRev?: number): Promise<OkFields['history']>;
  sync(viewer: string, fields: CommandFields<'sync'>, atLeastRev?: number): Promise<OkFields['sync']>;
  messagesGet(
    viewer: string,
    fields: CommandFields<'messages.get'>,
    atLeastRev?: number,
  ): Promise<OkFields['messages.get']>;
  usersGet(fields: CommandFields<'users.get'>): Promise<OkFields['users.get']>;

  /**
   * Answer to `chat.view`: marks of all members, or in big chats per seq on screen (at most 200) how many may see it and
   * have not read it, a few seconds old at most.
   */
  view(viewer: string, fields: { chat: string; from?: number; to?: number }): Promise<OkFields['chat.view']>;
  /** Marks of all present members. */
  marks(chat: string): Promise<Mark[]>;

  /** Membership and head read consistently: for callers that need only the permission or the numbers. */
  access(viewer: string, chat: string, atLeastRev?: number): Promise<Access>;
  /** Those of `users` who share a chat with the viewer (or are the viewer). */
  acquaintances(viewer: string, users: readonly string[]): Promise<string[]>;
  /**
   * Events of a chat after `cursor`, dense, for nobody in particular: the gateway repairs a hole once for all. A cursor
   * whose `seq` is unknown may say 0: it is found by `rev`. Where the log of changes is not dense it is `unavailable`.
   */
  eventsAfter(
    chat: string,
    cursor: { seq: number; rev: number },
    options: { limit: number; atLeastRev: number },
  ): Promise<EventPage>;
}

/** What a connection knows of the viewer's chats: the list may lack none of them and show none of them older. */
export interface KnownChats {
  /** As elsewhere, per chat. */
  atLeastRev(chat: string): number;
  /** Chats whose events are being pushed there: without them in the list, nobody would name them to the client. */
  live(): Iterable<string>;
}

/** What a viewer may see of a chat, as of the persisted `head`. */
export interface Access {
  head: Head;
  role: 'owner' | 'admin' | 'member';
  /** First visible seq and rev. */
  visibleFrom: number;
  visibleFromRev: number;
  read: number;
  delivered: number;
  memberCount: number;
}

export interface EventPage {
  events: StoredEvent[];
  /** As persisted; ≥ every event here. */
  head: Head;
  /** There are more up to `head`. */
  more: boolean;
}

export interface StoredEvent {
  wire: ChatEvent;
  /** The event of the log, for events that are no message (membership and the like). */
  record?: EventRecord;
}
