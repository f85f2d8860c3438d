import type { Message, Summary, User } from '@garam/protocol/entities';
import { buildSummary } from './build-summary.ts';
import { cutText } from './cut-text.ts';
import type { ChatAccess } from './decide-access.ts';
import { mapBounded } from './map-bounded.ts';
import { toWireUser } from './name-users.ts';
import { toWireMessage } from './to-wire-message.ts';
import type { ViewSources } from './view-sources.ts';

const READS_AT_ONCE = 16;

/** Summaries of chats the viewer may see, with the last visible message and the peer of direct chats. */
export async function summarizeChats(
  sources: Pick<ViewSources, 'reads' | 'users' | 'peers' | 'coalescer'>,
  viewer: string,
  chats: readonly ChatAccess[],
): Promise<Summary[]> {
  const found = await mapBounded(chats, READS_AT_ONCE, async (access) => ({
    last: await readLast(sources, access),
    peer: access.head.kind === 'direct' ? await sources.peers.peerOf(viewer, access.head.chat) : undefined,
  }));
  const peers = await readPeers(
    sources,
    found.map((extras) => extras.peer).filter((peer) => peer !== undefined),
  );
  return chats.map((access, index) => {
    const { last, peer } = found[index]!;
    return buildSummary(access, {
      ...(last === undefined ? {} : { last }),
      ...(peer === undefined ? {} : { peer: peers.get(peer) ?? { id: peer, name: peer } }),
    });
  });
}

async function readLast(
  { reads, coalescer }: Pick<ViewSources, 'reads' | 'coalescer'>,
  { head, visibleFrom }: ChatAccess,
): Promise<Message | undefined> {
  if (head.seq < visibleFrom) return undefined;
  const key = `${head.chat} last ${head.seq} ${head.rev}`;
  const [row] = await coalescer.read(key, () => reads.messagesAt(head.chat, [head.seq]));
  return row === undefined ? undefined : cutText(toWireMessage(row));
}

async function readPeers({ users }: Pick<ViewSources, 'users'>, ids: string[]): Promise<Map<string, User>> {
  if (ids.length === 0) return new Map();
  const profiles = await users.profiles([...new Set(ids)]);
  return new Map(profiles.map((profile) => [profile.user, toWireUser(profile)]));
}
