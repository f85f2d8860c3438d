import type { CommandFields } from '@garam/protocol/commands';
import type { OkFields } from '@garam/protocol/replies';
import { nameUsers } from './name-users.ts';
import { decodePageCursor, encodePageCursor } from './page-cursor.ts';
import type { ViewSources } from './view-sources.ts';

const LIMIT_DEFAULT = 100;
const PROFILES_BYTES = 180_000;

/** A page of the present members by user id. */
export async function listMembers(
  sources: ViewSources,
  viewer: string,
  { fields, atLeastRev }: { fields: CommandFields<'members.list'>; atLeastRev: number },
): Promise<OkFields['members.list']> {
  const access = await sources.access.read(viewer, fields.chat, atLeastRev);
  const limit = fields.limit ?? LIMIT_DEFAULT;
  const afterUser =
    fields.cursor === undefined ? undefined : (decodePageCursor(fields.cursor, ['string'])[0] as string);
  const rows = await sources.reads.members(fields.chat, {
    ...(afterUser === undefined ? {} : { afterUser }),
    limit: limit + 1,
  });
  await sources.access.confirm(viewer, access);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    members: page.map((row) => ({
      user: row.user,
      role: row.role ?? 'member',
      from: row.visibleFrom,
      read: row.read,
      delivered: row.delivered,
    })),
    ...(rows.length > limit && last !== undefined ? { next: encodePageCursor([last.user]) } : {}),
    users: await nameUsers(
      sources.users,
      page.map((row) => row.user),
      PROFILES_BYTES,
    ),
  };
}
