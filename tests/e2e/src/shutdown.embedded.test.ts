import { describe, expect, it, onTestFinished } from 'vitest';
import { newest, newGroup, say } from './chats.ts';
import { userId } from './names.ts';
import { startServer, type GaramServer } from './server.ts';
import { connect } from './ws-client.ts';

async function freshServer(drainMs: number): Promise<GaramServer> {
  const server = await startServer({ GARAM_DRAIN_MS: String(drainMs) });
  onTestFinished(() => server.stop());
  return server;
}

describe('SIGTERM', () => {
  it('announces the drain, works on meanwhile, then closes with 4001 and ends with code 0', async () => {
    const server = await freshServer(1_200);
    const target = { url: server.url };
    const alice = await connect(userId('alice'), { target });
    const chat = await newGroup(alice, []);
    server.signal('SIGTERM');
    const push = await alice.push('drain');
    expect(push['afterMs']).toBeGreaterThan(0);
    expect(push['afterMs']).toBeLessThanOrEqual(1_200);
    await say(alice, chat, 'sent while draining');
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
    await alice.closedWith(4001);
    expect(await server.exited()).toMatchObject({ code: 0 });
    await server.restart();
    const back = await connect(alice.user, { target });
    expect(await newest(back, chat)).toMatchObject([{ seq: 1, text: 'sent while draining' }]);
  });

  it('a second one ends the wait: 1012 at once', async () => {
    const server = await freshServer(60_000);
    const alice = await connect(userId('alice'), { target: { url: server.url } });
    server.signal('SIGTERM');
    await alice.push('drain');
    server.signal('SIGTERM');
    await alice.closedWith(1012);
    expect(await server.exited()).toMatchObject({ code: 0 });
  });
});

describe('SIGINT', () => {
  it('closes with 1012 at once, without losing what was acknowledged', async () => {
    const server = await freshServer(60_000);
    const target = { url: server.url };
    const alice = await connect(userId('alice'), { target });
    const chat = await newGroup(alice, []);
    const sent = await say(alice, chat, 'just before');
    server.signal('SIGINT');
    await alice.closedWith(1012);
    expect(await server.exited()).toMatchObject({ code: 0 });
    await server.restart();
    const back = await connect(alice.user, { target });
    expect(await newest(back, chat)).toMatchObject([{ seq: sent['seq'], text: 'just before' }]);
  });
});
