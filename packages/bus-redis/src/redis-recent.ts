import type { MembershipChange, Recent } from '@garam/bus/bus';
import { decodeEvent } from '@garam/contracts/event-codec';
import type { EventRecord } from '@garam/contracts/event-record';
import { appendGroups } from './append-groups.ts';
import type { BytesOfEvent } from './event-bytes.ts';
import type { RedisKeys } from './redis-keys.ts';
import { allAnswered, runOnKeys, type ScriptDeps } from './redis-script.ts';

/** Membership changes kept of a user. */
const CHANGES_PER_USER = 64;

export interface RecentOptions {
  eventsPerChat: number;
  recentTtlMs: number;
  bytesOf: BytesOfEvent;
}

/** Recent events in one bounded stream per chat, membership changes in one bounded set per user. */
export function createRedisRecent(deps: ScriptDeps, keys: RedisKeys, options: RecentOptions): Recent {
  const { client, calls } = deps;
  const { eventsPerChat, recentTtlMs } = options;

  async function appendAll(events: readonly EventRecord[]): Promise<void> {
    if (events.length === 0) return;
    const groups = appendGroups(events, { keyOf: keys.recent, bytesOf: options.bytesOf, isCluster: deps.isCluster });
    const bytes = groups.reduce((sum, group) => sum + group.bytes, 0);
    await calls.run({ commands: groups.length, bytes }, () =>
      allAnswered(
        groups.map((group) =>
          client.recentAppend(group.keys.length, ...group.keys, eventsPerChat, recentTtlMs, ...group.args),
        ),
      ),
    );
  }

  async function range(chat: string, afterRev: number, throughRev: number): Promise<EventRecord[]> {
    if (throughRev <= afterRev) return [];
    const found = await calls.run({ commands: 1 }, () =>
      client.xrangeBuffer(keys.recent(chat), `${afterRev + 1}-0`, `${throughRev}-0`),
    );
    return found.flatMap(([, fields]) => decodeEvent(fields[1]!) ?? []);
  }

  return {
    append: (event) => appendAll([event]),
    appendAll,
    async heads(chats) {
      const ids = await runOnKeys<string>(deps, 'recentHeads', chats.map(keys.recent), []);
      return ids.map((id) => Number(id.slice(0, id.indexOf('-'))));
    },
    range,
    async appendForUser(user, { chat, rev, kind }) {
      const args = [`${rev} ${kind} ${chat}`, CHANGES_PER_USER, recentTtlMs];
      await runOnKeys(deps, 'changesAppend', [keys.changes(user)], args);
    },
    async forUser(user) {
      const found = await calls.run({ commands: 1 }, () => client.zrange(keys.changes(user), 0, '-1'));
      return found.map(changeOf);
    },
  };
}

function changeOf(text: string): MembershipChange {
  const [rev, kind, chat] = text.split(' ') as [string, MembershipChange['kind'], string];
  return { chat, rev: Number(rev), kind };
}
