import type { CommandFields } from '@garam/protocol/commands';
import { Refusal } from '@garam/protocol/errors';
import type { OkFields } from '@garam/protocol/replies';
import { createBoundedMap } from './bounded-map.ts';
import type { ChatAccess } from './decide-access.ts';
import { readEvents } from './read-events.ts';
import { toWireHead } from './to-wire-head.ts';
import type { ViewSources } from './view-sources.ts';

type Sync = (viewer: string, fields: CommandFields<'sync'>, atLeastRev: number) => Promise<OkFields['sync']>;

const LIMIT_DEFAULT = 200;
/** A cursor above every known head for this long is not of this log's making. */
const AHEAD_RESET_MS = 10_000;
/** Asked again later than this it counts as new. */
const AHEAD_FORGET_MS = 60_000;
const AHEAD_MAX = 10_000;

interface Ahead {
  rev: number;
  since: number;
  lastAt: number;
}

/** Events after a cursor, or `reset` where it cannot be continued. */
export function createSync(sources: ViewSources): Sync {
  const ahead = createBoundedMap<string, Ahead>(AHEAD_MAX);

  return async (viewer, fields, atLeastRev) => {
    const access = await reach(viewer, fields, atLeastRev);
    if (access === 'ahead') return resetTo(await sources.access.read(viewer, fields.chat, atLeastRev));
    if (fields.rev < access.visibleFromRev - 1) return resetTo(access);
    const { head } = access;
    const after = { seq: fields.seq, rev: fields.rev };
    const events = await readEvents(sources.reads, {
      chat: fields.chat,
      after,
      head,
      limit: fields.limit ?? LIMIT_DEFAULT,
    });
    await sources.access.confirm(viewer, access);
    if (events === undefined) return resetTo(access);
    const lastRev = events.at(-1)?.wire.rev ?? fields.rev;
    return { events: events.map((event) => event.wire), head: toWireHead(head), more: lastRev < head.rev };
  };

  /** Access as of a head that has the cursor; 'ahead' when the cursor has been above every head for too long. */
  async function reach(
    viewer: string,
    fields: CommandFields<'sync'>,
    atLeastRev: number,
  ): Promise<ChatAccess | 'ahead'> {
    const access = await sources.access.read(viewer, fields.chat, atLeastRev);
    if (fields.rev <= access.head.rev) return access;
    try {
      return await sources.access.read(viewer, fields.chat, fields.rev);
    } catch (error) {
      if (!(error instanceof Refusal) || error.wire.name !== 'unavailable') throw error;
      const [known] = await sources.recent.heads([fields.chat]);
      if (Math.max(known ?? 0, atLeastRev) >= fields.rev) throw error;
      if (aheadForMs(`${viewer}\n${fields.chat}`, fields.rev) < AHEAD_RESET_MS) throw error;
      return 'ahead';
    }
  }

  function aheadForMs(key: string, rev: number): number {
    const now = sources.clock.monotonic();
    const known = ahead.get(key);
    if (known === undefined || known.rev !== rev || now - known.lastAt > AHEAD_FORGET_MS) {
      ahead.set(key, { rev, since: now, lastAt: now });
      return 0;
    }
    known.lastAt = now;
    return now - known.since;
  }
}

function resetTo({ head }: ChatAccess): OkFields['sync'] {
  return { reset: true, head: toWireHead(head) };
}
