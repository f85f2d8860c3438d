import { Refusal } from '@garam/protocol/errors';
import type { ChatKind } from '@garam/contracts/chat-values';
import type { StoredHead, StoredMessage, ViewReads } from '@garam/store/view-reads';
import { createBoundedMap } from '@garam/views/bounded-map';
import type { ChatAccess } from '@garam/views/decide-access';
import type { PersistedHeads } from '@garam/views/persisted-heads';
import type { AccessReader } from '@garam/views/read-access';

/** Facts about content that the log does not carry: read by the edge, where they cannot change or only towards less. */
export interface ContentFacts {
  /** A message the actor may see and that is not deleted. @throws Refusal `not_found` · `gone` · `unavailable` */
  message(actor: string, chat: string, seq: number): Promise<StoredMessage>;
  /** @throws Refusal `invalid` at `replyTo` when it is out of the actor's view · `not_found` · `unavailable` */
  checkReplyTo(actor: string, chat: string, seq: number): Promise<void>;
  /** undefined: no such chat. */
  kind(chat: string): ChatKind | undefined | Promise<ChatKind | undefined>;
  /** Everyone in a direct chat; empty: no such chat. */
  people(chat: string): Promise<string[]>;
}

const KINDS_MAX = 50_000;

export function createContentFacts(deps: {
  reads: Pick<ViewReads, 'messagesAt' | 'members'>;
  heads: PersistedHeads;
  access: AccessReader;
}): ContentFacts {
  const { reads, heads, access } = deps;
  const kinds = createBoundedMap<string, ChatKind>(KINDS_MAX);

  /** As of a head that has the seq; `undefined` access view: the seq is in nobody's head. */
  async function accessTo(actor: string, chat: string, seq: number): Promise<ChatAccess> {
    const first = await access.read(actor, chat, 0);
    if (seq <= first.head.seq) return first;
    return access.read(actor, chat, Math.max(first.head.rev, await access.knownRev(chat)));
  }

  /** As of the newest rev known anywhere: a deletion that was answered a moment ago counts. */
  async function message(actor: string, chat: string, seq: number): Promise<StoredMessage> {
    const view = await access.read(actor, chat, await access.knownRev(chat));
    if (seq < view.visibleFrom || seq > view.head.seq)
      throw new Refusal('not_found', { message: 'There is no such message for you.' });
    const row = (await reads.messagesAt(chat, [seq]))[0];
    if (row === undefined) throw new Refusal('not_found', { message: 'There is no such message for you.' });
    if (row.deletedAt !== undefined) throw new Refusal('gone');
    return row;
  }

  async function checkReplyTo(actor: string, chat: string, seq: number): Promise<void> {
    const view = await accessTo(actor, chat, seq);
    if (seq < view.visibleFrom || seq > view.head.seq)
      throw new Refusal('invalid', { message: 'There is no such message for you.', path: 'replyTo' });
  }

  /** The head of a chat that may have been created this moment. */
  async function headOf(chat: string): Promise<StoredHead | null> {
    const head = await heads.atLeast(chat, 0);
    if (head !== null) return head;
    const known = await access.knownRev(chat);
    return known === 0 ? null : heads.atLeast(chat, known);
  }

  async function readKind(chat: string): Promise<ChatKind | undefined> {
    const head = await headOf(chat);
    if (head !== null) kinds.set(chat, head.kind);
    return head?.kind;
  }

  return {
    message,
    checkReplyTo,
    kind: (chat) => kinds.get(chat) ?? readKind(chat),
    async people(chat) {
      if ((await headOf(chat)) === null) return [];
      return (await reads.members(chat, { limit: 2 })).map((member) => member.user);
    },
  };
}
