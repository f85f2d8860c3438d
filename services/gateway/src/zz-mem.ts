import { spawn } from 'node:child_process';
import v8 from 'node:v8';
import { startAll } from './zz-smoke.ts';
import { WebSocketClient } from '../../../tests/driver/src/web-socket.ts';
import { connectGaram } from '../../../tests/driver/src/garam-connection.ts';
const n = Number(process.argv[2]);
if (process.send === undefined) {
  const all = await startAll({ LOG: 'warn', GARAM_LIMITS: 'off', GARAM_HELLO_TIMEOUT_MS: '60000' }, ':memory:');
  const child = spawn(process.execPath, [import.meta.filename, ...process.argv.slice(2)], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  const show = (s: string) => { for (let i = 0; i < 3; i++) globalThis.gc?.(); const m = process.memoryUsage(); console.log(s, 'rss', m.rss >> 10, 'heap', m.heapUsed >> 10, 'total', m.heapTotal >> 10, 'ext', m.external >> 10, 'ab', m.arrayBuffers >> 10); return m; };
  let a: NodeJS.MemoryUsage, b: NodeJS.MemoryUsage;
  child.send({ port: all.port, tokens: Array.from({ length: n }, (_, i) => all.token('u' + i)) });
  child.on('message', (m: any) => {
    if (m === 1) { a = show('warm'); child.send('ok'); }
    if (m === 2) setTimeout(() => { b = show('full'); console.log('per conn: rss', ((b.rss - a.rss) / 1024 / (n - 300)).toFixed(1), 'heap', ((b.heapUsed - a.heapUsed) / 1024 / (n - 300)).toFixed(1), 'KB'); if (process.env['SNAP']) v8.writeHeapSnapshot(process.env['SNAP']); child.kill(); process.exit(0); }, 6000);
  });
} else {
  const { port, tokens } = await new Promise<any>((r) => process.once('message', r));
  const ask = (m: number) => new Promise((r) => { process.once('message', r); process.send!(m); });
  const go = async (from: number, to: number) => { for (let i = from; i < to; i += 50) await Promise.all(tokens.slice(i, Math.min(to, i + 50)).map((token: string, k: number) => process.env['RAW'] ? new Promise<void>((r) => new WebSocketClient({ url: `ws://127.0.0.1:${port}/v1/connect` }, { open: r, message() {}, close() {} })) : connectGaram({ url: `http://127.0.0.1:${port}`, token, device: 'd' + (i + k), onPush() {} }))); };
  await go(0, 300); await new Promise((r) => setTimeout(r, 1000)); await ask(1);
  await go(300, n); await new Promise((r) => setTimeout(r, 1000)); await ask(2);
}
