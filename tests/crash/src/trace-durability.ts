import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { devTokens } from '@garam/tests-driver/dev-token';
import { startEmbeddedServer } from '@garam/tests-driver/embedded-server';
import { connectGaram } from '@garam/tests-driver/garam-connection';
import { checkTrace } from './check-trace.ts';
import type { Violation } from './evidence.ts';

/** Whether system calls can be traced here, and if not, why. */
export function whyNoTrace(): string | null {
  const tried = spawnSync('strace', ['-qq', '-e', 'trace=none', process.execPath, '--version'], { encoding: 'utf8' });
  if (tried.error !== undefined) return 'strace is not installed';
  return tried.status === 0 ? null : `strace does not work here: ${tried.stderr.trim().slice(0, 200)}`;
}

/**
 * Runs a server under `strace`, sends some messages one after another, and looks for a synced write-ahead log between
 * the arrival of each and its `ok`. The driver sends with an all-zero mask, so that the trace shows what arrives.
 */
export async function traceDurability(options: { messages: number; server: string | null }): Promise<Violation[]> {
  const folder = await mkdtemp(join(tmpdir(), 'garam-trace-'));
  try {
    const file = join(folder, 'trace');
    const clientIds = await sendTraced(folder, file, options);
    return checkTrace(await readFile(file, 'latin1'), clientIds);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const CALLS = 'read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,pwritev,fsync,fdatasync';

async function sendTraced(
  folder: string,
  file: string,
  { messages, server: entry }: { messages: number; server: string | null },
): Promise<string[]> {
  const server = await startEmbeddedServer({
    dataFolder: join(folder, 'data'),
    wrapper: ['strace', '-D', '-f', '-qq', '-y', '-s', '4096', '-o', file, '-e', `trace=${CALLS}`],
    readyDeadlineMs: 60_000,
    ...(entry === null ? {} : { entry }),
  });
  try {
    const token = await devTokens(server.url).token('tracer');
    const connection = await connectGaram({ url: server.url, token, device: 'tracer', masked: false });
    const created = await connection.command({
      t: 'chat.create',
      clientId: 'create',
      kind: 'direct',
      members: ['other'],
    });
    const chat = String(created['chat'].chat);
    const clientIds = Array.from({ length: messages }, (_, i) => `traced-${process.pid}-${i}-end`);
    for (const clientId of clientIds) {
      await connection.command({ t: 'message.send', chat, clientId, kind: 'text', text: 'synced?' });
    }
    connection.close();
    return clientIds;
  } finally {
    await server.stop();
  }
}
