import type { Connection, Transport, TransportHandlers, UpgradeRequest } from '@garam/transport/transport';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TransportPeer } from './transport-peer.ts';

export interface TransportUnderTest {
  transport: Transport;
  /** Where it listens, after `start`: `ws://127.0.0.1:1234`. */
  url(): string;
  /** Largest message it takes. */
  frameBytes: number;
}

/** What a server sees of its connections, in order. */
interface Seen {
  connections: Connection[];
  messages: (string | Uint8Array)[];
  closes: number[];
  requests: UpgradeRequest[];
}

/** The contract every transport passes, over real sockets. */
export function transportContract(name: string, create: () => TransportUnderTest): void {
  describe(`transport contract: ${name}`, () => {
    let scene: TransportUnderTest;
    let seen: Seen;
    let peers: TransportPeer[];

    beforeEach(async () => {
      scene = create();
      seen = { connections: [], messages: [], closes: [], requests: [] };
      peers = [];
      await scene.transport.start(recordingHandlers(seen));
    });

    afterEach(async () => {
      for (const peer of peers) peer.close();
      await scene.transport.stop();
    });

    async function open(path = '/v1/connect', protocols: string[] = ['one']): Promise<[TransportPeer, Connection]> {
      const peer = new TransportPeer(`${scene.url()}${path}`, protocols);
      peers.push(peer);
      await peer.opened;
      return [peer, seen.connections.at(-1)!];
    }

    it('hands over path, origin, host, protocols and address, and speaks the protocol chosen', async () => {
      const [peer, connection] = await open('/v1/connect?x=1', ['two', 'one']);
      expect(seen.requests).toMatchObject([{ path: '/v1/connect', origin: undefined, protocols: ['two', 'one'] }]);
      expect(seen.requests[0]!.address).toContain('127.0.0.1');
      expect(scene.url()).toContain(seen.requests[0]!.host);
      expect([peer.protocol, connection.protocol]).toEqual(['one', 'one']);
    });

    it('refuses with the status given', async () => {
      const peer = new TransportPeer(`${scene.url()}/refused`, ['one']);
      await expect(peer.opened).rejects.toThrow();
      expect(seen.connections).toEqual([]);
    });

    it('brings text as string and binary as bytes, in order', async () => {
      const [peer] = await open();
      peer.send('가람');
      peer.send(Uint8Array.of(1, 2, 250));
      peer.send('');
      await peer.flushed(() => seen.messages.length === 3);
      expect(seen.messages[0]).toBe('가람');
      expect([...(seen.messages[1] as Uint8Array)]).toEqual([1, 2, 250]);
      expect(seen.messages[2]).toBe('');
    });

    it('writes text, bytes and prepared messages of every size, in the order of the calls', async () => {
      const [peer, connection] = await open();
      const sizes = [0, 1, 125, 126, 65_535, 65_536, 200_000];
      for (const size of sizes) {
        connection.send('x'.repeat(size));
        connection.sendPrepared(scene.transport.prepare(new Uint8Array(size).fill(7)));
      }
      await peer.flushed(() => peer.messages.length === 2 * sizes.length);
      expect(peer.messages.map((message) => message.length)).toEqual(sizes.flatMap((size) => [size, size]));
      expect(peer.messages.every((message, index) => (typeof message === 'string') === (index % 2 === 0))).toBe(true);
    });

    it('a prepared message arrives whole on every connection, also between others of the same turn', async () => {
      const opened = [await open(), await open(), await open()];
      const [first, second] = [scene.transport.prepare('first 가'), scene.transport.prepare('second')];
      for (const [index, [, connection]] of opened.entries()) {
        connection.sendPrepared(first);
        if (index === 1) connection.send('own');
        connection.sendPrepared(second);
      }
      for (const [peer] of opened) await peer.flushed(() => peer.messages.at(-1) === 'second');
      const texts = opened.map(([peer]) => peer.messages);
      expect(texts).toEqual([
        ['first 가', 'second'],
        ['first 가', 'own', 'second'],
        ['first 가', 'second'],
      ]);
    });

    it('closes with the code after what was sent before, and tells the end once', async () => {
      const [peer, connection] = await open();
      connection.send('last words');
      connection.close(4503, 'replaced');
      connection.send('never');
      expect(await peer.closed).toEqual({ code: 4503, reason: 'replaced' });
      await peer.flushed(() => seen.closes.length > 0);
      expect(peer.messages).toEqual(['last words']);
      expect(seen.closes).toHaveLength(1);
    });

    it('receives nothing more once it is closing', async () => {
      const [peer, connection] = await open();
      peer.send('before');
      await peer.flushed(() => seen.messages.length === 1);
      peer.send('too late');
      connection.close(4001, 'draining');
      await peer.closed;
      await peer.flushed(() => seen.closes.length === 1);
      expect(seen.messages).toEqual(['before']);
    });

    it("tells the peer's close with its code, and a cut without one", async () => {
      const [first] = await open();
      first.close(4000);
      await first.flushed(() => seen.closes.length === 1);
      const [second, connection] = await open();
      connection.terminate();
      await second.flushed(() => seen.closes.length === 2);
      expect(seen.closes).toEqual([4000, 1006]);
    });

    it('takes a message of the largest size and closes with 1009 on a larger one', async () => {
      const [peer] = await open();
      peer.send('x'.repeat(scene.frameBytes));
      await peer.flushed(() => seen.messages.length === 1);
      peer.send('x'.repeat(scene.frameBytes + 1));
      expect((await peer.closed).code).toBe(1009);
      expect(seen.messages).toHaveLength(1);
    });

    it('counts what the peer does not take, and nothing once it has', async () => {
      const [peer, connection] = await open();
      const prepared = scene.transport.prepare('x'.repeat(1_000_000));
      for (let count = 0; count < 30; count++) connection.sendPrepared(prepared);
      expect(connection.bufferedBytes()).toBeGreaterThan(29_000_000);
      await peer.flushed(() => peer.messages.length === 30);
      await peer.flushed(() => connection.bufferedBytes() === 0);
    });

    it('reads nothing while reading is paused', async () => {
      const [peer, connection] = await open();
      connection.pauseReading();
      peer.send('waits');
      const [other] = await open();
      other.send('passes');
      await other.flushed(() => seen.messages.length > 0);
      expect(seen.messages).toEqual(['passes']);
      connection.resumeReading();
      await peer.flushed(() => seen.messages.length === 2);
    });

    it('accepts nobody after stopAccepting, and lets those connected go on', async () => {
      const [peer, connection] = await open();
      const url = `${scene.url()}/v1/connect`;
      scene.transport.stopAccepting();
      await expect(new TransportPeer(url, ['one']).opened).rejects.toThrow();
      connection.send('still here');
      await peer.flushed(() => peer.messages.length === 1);
    });

    it('ends every connection when it stops', async () => {
      const [peer] = await open();
      await scene.transport.stop();
      expect((await peer.closed).code).toBe(1006);
    });
  });
}

function recordingHandlers(seen: Seen): TransportHandlers {
  return {
    accept(request) {
      seen.requests.push(request);
      return request.path === '/refused' ? { status: 403 } : { protocol: 'one' };
    },
    opened(connection) {
      seen.connections.push(connection);
      return {
        message: (payload) => void seen.messages.push(payload),
        closed: (code) => void seen.closes.push(code),
      };
    },
  };
}
