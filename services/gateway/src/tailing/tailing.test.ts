import type { BusEntry } from '@garam/contracts/bus-entry';
import type { EventBody, EventRecord } from '@garam/contracts/event-record';
import { decodeCommand } from '@garam/contracts/command-codec';
import { toEventRecord, toReplyRecord } from '@garam/contracts/log-records';
import { partitionOf } from '@garam/contracts/partition-of';
import { TOPICS } from '@garam/contracts/topics';
import { afterEach, describe, expect, it } from 'vitest';
import { createGatewayScene, type GatewayScene } from '../testing/gateway-scene.ts';
import type { MemoryPeer } from '../testing/memory-transport.ts';

let scene: GatewayScene;

afterEach(() => scene.stop());

async function begin(): Promise<GatewayScene> {
  scene = await createGatewayScene();
  await scene.haveChat('c', ['alice', 'bob'], 1);
  return scene;
}

/** An event into the log, as the sequencer appends it; nobody publishes it. */
async function append(chat: string, rev: number, body: EventBody, cause?: EventRecord['cause']): Promise<void> {
  const { log, clock } = scene;
  const partition = partitionOf(chat, log.partitions);
  const seq = body.type === 'message.created' ? rev - 1 : 1;
  const event: EventRecord = { chat, rev, seq, clock: clock.now() * 1_000 + rev, by: 'bob', body };
  await log.append(TOPICS.events, toEventRecord(cause === undefined ? event : { ...event, cause }, partition));
}

const message = (clientId: string): EventBody => ({ type: 'message.created', clientId, kind: 'text', text: 'hi' });
const revs = (peer: MemoryPeer) => peer.pushes('event').map((frame) => frame['rev'] as number);

/** Fanout says that it has published everything there is. */
async function heartbeats(seconds: number): Promise<void> {
  const { log, bus, clock } = scene;
  for (let second = 0; second < seconds; second++) {
    const entries: BusEntry[] = [];
    for (const topic of [TOPICS.events, TOPICS.replies]) {
      for (let partition = 0; partition < log.partitions; partition++)
        entries.push({ kind: 'heartbeat', topic, partition, offset: await log.end(topic, partition) });
    }
    await bus.publish('gateways', entries).catch(() => undefined);
    await clock.advance(1_000);
  }
}

describe('without the bus', () => {
  it('events reach connected sessions from the log, once, also those appended before the loss was noticed', async () => {
    const { hello, bus, clock } = await begin();
    const [alice, bob] = [await hello('alice'), await hello('bob')];
    await heartbeats(2);
    await append('c', 3, message('m3'));
    bus.setReachable(false);
    bus.loseConnection();
    await append('c', 4, message('m4'));
    await clock.advance(200);
    expect([revs(alice), revs(bob)]).toEqual([
      [3, 4],
      [3, 4],
    ]);
  });

  it('hello is answered, and what happens afterwards is pushed', async () => {
    const { hello, bus, clock } = await begin();
    bus.setReachable(false);
    bus.loseConnection();
    const alice = await hello('alice');
    await clock.advance(200);
    expect(alice.frames).toMatchObject([{ t: 'ok', id: 1 }]);
    await append('c', 3, message('m3'));
    await clock.advance(200);
    expect(revs(alice)).toEqual([3]);
  });

  it('that only refuses calls: hello is answered after a few tries', async () => {
    const { hello, bus, clock } = await begin();
    bus.setReachable(false);
    const alice = await hello('alice');
    await clock.advance(1_000);
    expect(alice.reply(1)).toMatchObject({ t: 'ok' });
  });

  it('an event that the persister has not reached yet when somebody says hello is not lost', async () => {
    const { hello, bus, clock, haveChat } = await begin();
    bus.setReachable(false);
    bus.loseConnection();
    await append('c', 3, message('m3'));
    await clock.advance(200);
    const alice = await hello('alice', { open: [{ chat: 'c', seq: 1, rev: 2 }] });
    await haveChat('c', ['alice', 'bob'], 2);
    await clock.advance(2_000);
    await append('c', 4, message('m4'));
    await clock.advance(200);
    expect(revs(alice).at(-1)).toBe(4);
    expect(scene.gateway.readiness()).toMatchObject({ ready: true, degraded: expect.stringContaining('out of reach') });
  });

  it('who is added is told, and who is removed gets nothing later', async () => {
    const { hello, bus, clock, haveChat } = await begin();
    const bob = await hello('bob');
    bus.setReachable(false);
    bus.loseConnection();
    await haveChat('new', ['bob'], 0);
    await append('new', 1, { type: 'member.added', users: ['bob'], from: 1, viewRev: 1, memberCount: 1 });
    await append('c', 3, { type: 'member.removed', user: 'bob', memberCount: 1 });
    await append('c', 4, message('m4'));
    await clock.advance(1_000);
    expect(bob.pushes('chat.added')).toMatchObject([{ chat: { chat: 'new' } }]);
    expect(bob.pushes('chat.removed')).toEqual([{ t: 'chat.removed', chat: 'c' }]);
    expect(revs(bob)).toEqual([3]);
  });

  it('senders are answered: accepted by the event, refused by the reply', async () => {
    const { hello, bus, clock, log } = await begin();
    const alice = await hello('alice');
    bus.setReachable(false);
    bus.loseConnection();
    alice.tell({ t: 'message.send', id: 2, chat: 'c', clientId: 'm', kind: 'text', text: 'one' });
    alice.tell({ t: 'message.send', id: 3, chat: 'gone', clientId: 'n', kind: 'text', text: 'two' });
    await clock.settle();
    const causeIn = async (chat: string) => {
      const records = await log.read(TOPICS.commands, partitionOf(chat, log.partitions), 0, 10);
      return decodeCommand(records.find(({ key }) => key === chat)!.value)!.cause;
    };
    await append('c', 3, message('m'), await causeIn('c'));
    const partition = partitionOf('gone', log.partitions);
    const refusal = { chat: 'gone', outcome: 'refused', error: 'not_found', seq: 0, rev: 0, clock: 1 } as const;
    await log.append(TOPICS.replies, toReplyRecord({ ...refusal, cause: await causeIn('gone') }, partition));
    await clock.advance(200);
    expect(alice.reply(2)).toMatchObject({ t: 'ok', rev: 3 });
    expect(alice.reply(3)).toMatchObject({ t: 'err', error: { name: 'not_found' } });
  });

  it('that is back: routes are written, and the log is left alone', async () => {
    const { hello, bus, clock, gateway } = await begin();
    bus.setReachable(false);
    const restore = bus.loseConnection();
    const alice = await hello('alice');
    await clock.advance(5_000);
    bus.setReachable(true);
    expect(await bus.routes.get(['chat:c'])).toEqual([[]]);
    restore();
    await heartbeats(5);
    expect(await bus.routes.get(['chat:c', 'user:alice'])).toEqual([['gateway-1'], ['gateway-1']]);
    expect(gateway.readiness()).toEqual({ ready: true });
    await append('c', 3, message('m3'));
    await heartbeats(1);
    expect(revs(alice)).toEqual([]);
  });
});

it('an operator’s word that was lost with the bus is obeyed when it is back', async () => {
  const { hello, bus, clock, store } = await begin();
  const alice = await hello('alice');
  const restore = bus.loseConnection();
  const bob = await hello('bob');
  await Promise.all([store.users.putStanding('alice', { banned: true }, clock.now()), clock.settle()]);
  await clock.advance(1_000);
  expect(alice.closeCode).toBeUndefined();
  restore();
  await clock.advance(1_000);
  expect([alice.closeCode, bob.closeCode]).toEqual([4504, undefined]);
});

describe('without fanout', () => {
  it('its silence is enough: events come from the log, and readiness says so', async () => {
    const { hello, clock, gateway } = await begin();
    const alice = await hello('alice');
    await heartbeats(3);
    expect(gateway.readiness()).toEqual({ ready: true });
    await append('c', 3, message('m3'));
    await clock.advance(4_000);
    expect(revs(alice)).toEqual([3]);
    expect(gateway.readiness()).toMatchObject({ ready: true, degraded: expect.stringContaining('fanout is silent') });
    await heartbeats(5);
    expect(gateway.readiness()).toEqual({ ready: true });
  });
});
