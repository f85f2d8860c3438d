import { createHmac, randomUUID } from 'node:crypto';
import { createVerifier } from '@garam/auth/verifier';
import { createMemoryBus } from '@garam/bus-memory/create-memory-bus';
import { createSqliteEventLog } from '@garam/eventlog-sqlite/create-sqlite-event-log';
import { systemClock as clock } from '@garam/runtime/system-clock';
import { openSqlite } from '@garam/sqlite/open-sqlite';
import { createSqliteStore } from '@garam/store-sqlite/sqlite-store';
import { createLogger } from '@garam/telemetry/logger';
import { noopMeter as meter } from '@garam/telemetry/meter';
import { createWsTransport } from '@garam/transport-ws/ws-transport';
import { loadConfig } from '@garam/service/load-config';
import { createSequencer } from '../../sequencer/src/sequencer.ts';
import { sequencerConfig, sequencerOptions } from '../../sequencer/src/config.ts';
import { createPersister } from '../../persister/src/persister.ts';
import { persisterConfig, persisterOptions } from '../../persister/src/config.ts';
import { createFanout } from '../../fanout/src/fanout.ts';
import { fanoutConfig, fanoutOptions } from '../../fanout/src/config.ts';
import { createReceipts } from '../../receipts/src/receipts.ts';
import { receiptsConfig, receiptsOptions } from '../../receipts/src/config.ts';
import { gatewayConfig, gatewayOptions } from './config.ts';
import { createGateway } from './gateway.ts';

export async function startAll(env: Record<string, string> = {}, path = ':memory:') {
  const logger = createLogger({ service: 'all', level: (env['LOG'] ?? 'info') as 'info' });
  const file = openSqlite(path, { clock });
  const log = createSqliteEventLog(file, { clock });
  const store = createSqliteStore(file);
  const bus = createMemoryBus({ clock });
  const secret = env['GARAM_JWT_SECRET'] ?? 'secret-secret-secret-secret-secret';
  const verifier = createVerifier({ clock }, { secret });
  const options = gatewayOptions(loadConfig(gatewayConfig, env));
  const transport = createWsTransport({ clock }, { host: '127.0.0.1', port: Number(env['PORT'] ?? 0), frameBytes: 65536 });
  const d = { log, store, bus, clock, logger, meter };
  const services = [
    createSequencer(d, sequencerOptions(loadConfig(sequencerConfig, {}))),
    createPersister(d, persisterOptions(loadConfig(persisterConfig, {}))),
    createFanout(d, fanoutOptions(loadConfig(fanoutConfig, {}))),
    createReceipts(d, receiptsOptions(loadConfig(receiptsConfig, {}))),
    createGateway({ ...d, transport, verifier, instance: 'gw-' + randomUUID() }, options),
  ];
  for (const s of services) await s.start();
  const token = (user: string, extra = {}) => {
    const part = (v: unknown) => Buffer.from(JSON.stringify(v)).toString('base64url');
    const body = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: user, iat: Math.floor(Date.now() / 1000), exp: Math.floor(Date.now() / 1000) + 3600, ...extra })}`;
    return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
  };
  return { port: transport.port(), token, services, store, bus, log, async stop() { for (const s of services.reverse()) await s.stop(); await bus.close(); await log.close(); await store.close(); } };
}

export class Client {
  frames: any[] = []; waiters: { f: (x: any) => boolean; r: (x: any) => void }[] = []; id = 1; ws!: WebSocket; closed: Promise<number>;
  port: number;
  constructor(port: number) { this.port = port; this.closed = new Promise(() => {}); }
  async open(token: string, device = randomUUID(), open: unknown[] = []) {
    this.ws = new WebSocket(`ws://127.0.0.1:${this.port}/v1/connect`);
    this.closed = new Promise((r) => this.ws.addEventListener('close', (e) => r(e.code)));
    this.ws.addEventListener('message', (e) => { const v = JSON.parse(String(e.data)); for (const x of Array.isArray(v) ? v : [v]) { this.frames.push(x); if (x.t === 'ping') this.ws.send('{"t":"pong"}'); this.waiters = this.waiters.filter((w) => { if (w.f(x)) { w.r(x); return false; } return true; }); } });
    await new Promise((r, j) => { this.ws.addEventListener('open', r); this.ws.addEventListener('error', j); });
    return this.cmd('hello', { token, device: { id: device }, open });
  }
  until(f: (x: any) => boolean): Promise<any> { const x = this.frames.find(f); if (x) return Promise.resolve(x); return new Promise((r, j) => { const t = setTimeout(() => j(new Error('timeout ' + f + ' last ' + JSON.stringify(this.frames.slice(-5)))), 5000); this.waiters.push({ f, r: (v) => { clearTimeout(t); r(v); } }); }); }
  cmd(t: string, fields: object = {}): Promise<any> { const id = this.id++; this.ws.send(JSON.stringify({ t, id, ...fields })); return this.until((x) => (x.t === 'ok' || x.t === 'err') && x.id === id); }
}

if (process.argv[1]?.endsWith('zz-smoke.ts')) {
  const all = await startAll({ LOG: 'debug', ...(process.env as any) });
  const alice = new Client(all.port), bob = new Client(all.port);
  console.log(await alice.open(all.token('alice', { name: 'Alice' })));
  console.log(await bob.open(all.token('bob')));
  const created = await alice.cmd('chat.create', { clientId: 'c1', kind: 'group', title: 'T', members: ['bob'] });
  console.log(JSON.stringify(created));
  const chat = created.chat.chat;
  console.log('added', JSON.stringify(await bob.until((x) => x.t === 'chat.added')));
  console.log(await alice.cmd('message.send', { clientId: 'm1', chat, kind: 'text', text: 'hi' }));
  console.log(await bob.until((x) => x.t === 'event' && x.type === 'message.created'));
  console.log(await bob.cmd('read', { chat, seq: 1 }));
  console.log(await alice.until((x) => x.t === 'receipts' && x.marks.some((m: any) => m.user === 'bob')));
  bob.ws.send(JSON.stringify({ t: 'typing', chat, on: true }));
  console.log(await alice.until((x) => x.t === 'typing'));
  console.log(JSON.stringify(await bob.cmd('history', { chat })));
  console.log(JSON.stringify(await bob.cmd('chats.list', {})));
  console.log(JSON.stringify(await bob.cmd('presence.watch', { users: ['alice', 'zed'] })));
  console.log(JSON.stringify(await bob.cmd('chat.view', { chat })));
  console.log(JSON.stringify(await bob.cmd('chat.prefs', { chat, muted: true })), JSON.stringify(await bob.until((x) => x.t === 'chat.prefs')));
  console.log(await alice.cmd('member.remove', { clientId: 'r1', chat, user: 'bob' }));
  console.log(await bob.until((x) => x.t === 'chat.removed'));
  console.log(await bob.cmd('message.send', { clientId: 'm2', chat, kind: 'text', text: 'hi' }));
  alice.ws.close();
  console.log(await bob.until((x) => x.t === 'presence'));
  console.log(bob.frames.map((f) => f.t + (f.type ? ':' + f.type : '')).join(' '));
  await all.stop();
  process.exit(0);
}
