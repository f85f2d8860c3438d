import { beforeEach, describe, expect, it } from 'vitest';
import { LogError } from '@garam/eventlog/event-log';
import { StoreError } from '@garam/store/store';
import { storeChat } from '@garam/views/stored-chat.test-support';
import { directChatId } from './derive-chat-id.ts';
import { createIntakeWorld } from './intake-world.test-support.ts';

let world: ReturnType<typeof createIntakeWorld>;

beforeEach(() => {
  world = createIntakeWorld();
});

const text = { kind: 'text', text: 'hi' };

describe('a log that is away', () => {
  function breakLog() {
    const append = world.log.append.bind(world.log);
    const calls = { count: 0 };
    world.log.append = () => {
      calls.count += 1;
      return Promise.reject(new LogError('unavailable', 'away'));
    };
    return { calls, mend: () => (world.log.append = append) };
  }

  async function send(clientId: string) {
    const { outcomes } = world.submit('message.send', { ...text, clientId });
    await world.clock.settle();
    return outcomes[0]?.error;
  }

  it('is not asked for every command after the first that failed; senders are told when to try again', async () => {
    const { calls } = breakLog();
    for (let index = 0; index < 50; index++) {
      expect(await send(`m${index}`)).toMatchObject({
        name: 'unavailable',
        retryAfterMs: expect.any(Number) as number,
      });
    }
    expect(calls.count).toBeLessThan(10);
    expect(world.intake.load().waiting).toBe(0);
  });

  it('that is back is found by a single command, and then takes all', async () => {
    const { calls, mend } = breakLog();
    for (let index = 0; index < 10; index++) await send(`m${index}`);
    await world.clock.advance(2_000);
    const before = calls.count;
    expect(await send('probe 1')).toMatchObject({ name: 'unavailable' });
    expect(await send('not asked')).toMatchObject({ name: 'unavailable' });
    expect(calls.count).toBe(before + 1);
    mend();
    await world.clock.advance(2_000);
    expect(await send('probe 2')).toBeUndefined();
    expect(await send('next')).toBeUndefined();
    expect(await world.commands()).toHaveLength(2);
  });
});

describe('a store that is away', () => {
  const direct = directChatId('alice', 'bob');

  async function send(clientId: string) {
    const { outcomes, handedOver } = world.submit('message.send', { ...text, chat: direct, clientId });
    await handedOver;
    await world.clock.settle();
    return outcomes[0]?.error;
  }

  beforeEach(async () => {
    await storeChat(world.store.writes, { chat: direct, kind: 'direct', members: ['alice', 'bob'] });
    await send('known');
    world.store.users.hasBlocked = () => Promise.reject(new StoreError('away'));
  });

  it('does not stop direct chats in use for ten minutes, whether they pause or not', async () => {
    for (const pauseMs of [1_000, 30_000, 120_000, 400_000]) {
      await world.clock.advance(pauseMs);
      expect(await send(`after ${pauseMs}`)).toBeUndefined();
    }
  });

  it('leaves them unavailable after that', async () => {
    for (let minute = 0; minute < 10; minute++) {
      await world.clock.advance(60_000);
      await send(`minute ${minute}`);
    }
    await world.clock.advance(10_000);
    expect(await send('too late')).toMatchObject({ name: 'unavailable', temporary: true });
  });

  it('does not keep a block made meanwhile from counting, where the bus tells of it', async () => {
    world.intake.blockChanged('bob', 'alice', true);
    expect(await send('blocked')).toMatchObject({ name: 'blocked' });
  });

  it('leaves what needs a fact from it unavailable at once', async () => {
    world.store.reads.heads = () => Promise.reject(new StoreError('away'));
    const { outcomes, handedOver } = world.submit('message.edit', { seq: 1, text: 'x' });
    await handedOver;
    expect(outcomes).toMatchObject([{ error: { name: 'unavailable', temporary: true } }]);
  });
});
