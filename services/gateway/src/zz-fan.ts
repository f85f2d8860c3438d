// args: members rate seconds
import { spawn } from 'node:child_process';
import { startAll } from './zz-smoke.ts';
import { connectGaram } from '../../../tests/driver/src/garam-connection.ts';
const [members, rate, seconds] = process.argv.slice(2).map(Number) as [number, number, number];
if (process.send === undefined) {
  const all = await startAll({ LOG: 'warn', GARAM_LIMITS: 'off', GARAM_BIG_CHAT: '100' }, process.env['DB'] ?? '/tmp/gw/fan.db');
  const child = spawn(process.execPath, [import.meta.filename, ...process.argv.slice(2)], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  const tokens = Array.from({ length: members }, (_, i) => all.token('u' + i));
  child.send({ port: all.port, tokens });
  let cpu: NodeJS.CpuUsage;
  child.on('message', (m: any) => {
    if (m === 'rss0') { globalThis.gc?.(); console.log('rss before', Math.round(process.memoryUsage().rss / 1024), 'KB'); child.send('ok'); }
    if (m === 'rss1') { globalThis.gc?.(); setTimeout(() => { globalThis.gc?.(); console.log('rss after', Math.round(process.memoryUsage().rss / 1024), 'KB heap', Math.round(process.memoryUsage().heapUsed / 1024)); child.send('ok'); }, 500); }
    if (m === 'start') { cpu = process.cpuUsage(); child.send('ok'); }
    if (m.sent) { const u = process.cpuUsage(cpu); console.log('CPU per message', ((u.user + u.system) / 1000 / m.sent).toFixed(2), 'ms; user', (u.user / 1000 / m.sent).toFixed(2), 'lat p50', m.p50, 'p99', m.p99); void all.stop().then(() => process.exit(0)); child.kill(); }
  });
} else {
  const { port, tokens } = await new Promise<any>((r) => process.once('message', r));
  const ask = (m: string) => new Promise((r) => { process.once('message', r); process.send!(m); });
  let got = 0; const lat: number[] = []; 
  await ask('rss0');
  const conns: any[] = [];
  for (let i = 0; i < members; i += 50) conns.push(...await Promise.all(tokens.slice(i, i + 50).map((token: string, k: number) => connectGaram({ url: `http://127.0.0.1:${port}`, token, device: 'd' + (i + k), onPush: (f: any) => { if (f.t === 'event' && f.type === 'message.created') { got++; lat.push(Date.now() - Number(f.message.text.slice(0, 13))); } } }))));
  await ask('rss1');
  const c = await conns[0].command({ t: 'chat.create', clientId: 'c' + Date.now(), kind: 'channel', title: 'x', members: Array.from({ length: Math.min(200, members - 1) }, (_, i) => 'u' + (i + 1)) });
  const chat = c.chat.chat;
  for (let i = 200; i + 1 < members; i += 200) await conns[0].command({ t: 'member.add', clientId: 'a' + i + Date.now(), chat, users: Array.from({ length: Math.min(200, members - 1 - i) }, (_, k) => 'u' + (i + 1 + k)) });
  await new Promise((r) => setTimeout(r, 3000));
  await ask('start');
  const n = rate * seconds;
  for (let i = 0; i < n; i++) { conns[0].write(JSON.stringify({ t: 'message.send', id: (1 << 20) + i, clientId: 'm' + i + '-' + Date.now(), chat, kind: 'text', text: `${Date.now()} 안녕하세요 hello` })); await new Promise((r) => setTimeout(r, 1000 / rate)); }
  await new Promise((r) => setTimeout(r, 500));
  lat.sort((a, b) => a - b);
  console.log('received', got, 'of', n * members);
  process.send!({ sent: n, p50: lat[lat.length >> 1], p99: lat[Math.floor(lat.length * 0.99)] });
}
