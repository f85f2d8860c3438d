import * as fc from 'fast-check';
import type { CommandBody, CommandRecord } from '@garam/contracts/command-record';
import { command, create, say, SETTINGS, START_MS } from './folded-chat.test-support.ts';

/** A record of the commands of one chat, as the log holds it. */
export interface LoggedCommand {
  command: CommandRecord;
  offset: number;
  timestamp: number;
}

const user = fc.constantFrom('alice', 'bob', 'carol', 'dave');
const seq = fc.integer({ min: 1, max: 6 });
const capacity = fc.integer({ min: 2, max: 6 });

const body: fc.Arbitrary<CommandBody> = fc.oneof(
  { arbitrary: fc.constantFrom(say('a'), say('b')), weight: 6 },
  {
    arbitrary: fc.record({
      type: fc.constant('member.add' as const),
      users: fc.uniqueArray(user, { minLength: 1 }),
      capacity,
    }),
    weight: 4,
  },
  { arbitrary: fc.record({ type: fc.constant('member.remove' as const), user }), weight: 4 },
  { arbitrary: fc.record({ type: fc.constant('chat.join' as const), capacity }), weight: 2 },
  { arbitrary: fc.constant({ type: 'chat.leave' as const }), weight: 2 },
  fc.record({
    type: fc.constant('member.role' as const),
    user,
    role: fc.constantFrom('owner' as const, 'admin' as const, 'member' as const),
  }),
  fc.record({ type: fc.constant('message.delete' as const), seq, author: user }),
  fc.record({ type: fc.constant('reaction.set' as const), seq, emoji: fc.constant('👍'), on: fc.boolean() }),
  fc.constantFrom<CommandBody[]>(
    { type: 'chat.update', settings: { join: 'open' } },
    { type: 'chat.update', settings: { history: 'all', join: 'invite' } },
    create(['alice', 'bob']),
  ),
);

const step = fc.record({
  actor: fc.oneof({ arbitrary: user, weight: 9 }, fc.constant('service:shop')),
  body,
  clientId: fc.integer({ min: 0, max: 12 }).map((number) => `k${number}`),
  attempt: fc.integer({ min: 1, max: 3 }),
  digest: fc.integer({ min: 0, max: 9 }).map((number) => (number === 0 ? 'other' : 'same')),
  waitMs: fc.oneof(
    { arbitrary: fc.integer({ min: 0, max: 2_000 }), weight: 3 },
    fc.integer({ min: -5_000, max: 90_000 }),
  ),
  lagMs: fc.oneof({ arbitrary: fc.constant(0), weight: 4 }, fc.integer({ min: 0, max: 120_000 })),
  gap: fc.integer({ min: 1, max: 3 }),
});

/** Commands of one chat: mostly sensible, with many repetitions, late copies and gaps in time. */
export const randomLogs: fc.Arbitrary<LoggedCommand[]> = fc
  .tuple(fc.boolean(), fc.array(step, { minLength: 1, maxLength: 60 }))
  .map(([created, steps]) => {
    let timestamp = START_MS;
    let offset = 0;
    const log: LoggedCommand[] = [];
    const settings = { ...SETTINGS, join: 'open' as const };
    if (created) log.push({ command: command('alice', create(['alice', 'bob'], { settings })), offset, timestamp });
    for (const { actor, body: wish, waitMs, lagMs, gap, ...rest } of steps) {
      timestamp += waitMs;
      offset += gap;
      log.push({ command: command(actor, wish, { ...rest, sentAt: timestamp - lagMs }), offset, timestamp });
    }
    return log;
  });
