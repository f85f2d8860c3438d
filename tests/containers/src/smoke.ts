import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectGaram, type Frame } from '@garam/tests-driver/garam-connection';
import { signToken } from './tokens.ts';

/**
 * `GARAM_JWT_SECRET=… node tests/containers/src/smoke.ts http://127.0.0.1:8080`: two people chat through a running Garam;
 * exit code 0 when the message arrived and is in the history. Tries again for a minute: a cluster may still be starting.
 */
const ATTEMPTS_MAX = 12;
const PAUSE_MS = 5_000;
const DELIVERY_MS_MAX = 5_000;

const url = process.argv[2] ?? 'http://127.0.0.1:8080';
const secret = process.env['GARAM_JWT_SECRET'] ?? '';
process.exitCode = 1;
for (let attempt = 1; attempt <= ATTEMPTS_MAX && process.exitCode !== 0; attempt++) {
  try {
    await chat(`smoke-${process.pid}-${attempt}`);
    console.log(`two people chatted through ${url}`);
    process.exitCode = 0;
  } catch (error) {
    console.error(`attempt ${attempt}: ${(error as Error).message}`);
    if (attempt < ATTEMPTS_MAX) await sleep(PAUSE_MS);
  }
}

async function chat(name: string): Promise<void> {
  const received = Promise.withResolvers<void>();
  const onPush = ({ message }: Frame) => {
    if (message?.text === name) received.resolve();
  };
  const token = (user: string) => signToken(user, secret);
  const alice = await connectGaram({ url, token: token(`${name}-a`), device: 'smoke' });
  const bob = await connectGaram({ url, token: token(`${name}-b`), device: 'smoke', onPush });
  try {
    const members = [`${name}-b`];
    const created = await alice.command({ t: 'chat.create', clientId: `${name}-c`, kind: 'direct', members });
    await alice.command({ t: 'message.send', chat: created['chat'].chat, clientId: name, kind: 'text', text: name });
    const late = sleep(DELIVERY_MS_MAX).then(() => Promise.reject(new Error('the message did not arrive')));
    await Promise.race([received.promise, late]);
    const { messages } = await bob.command({ t: 'history', chat: created['chat'].chat, limit: 10 });
    if ((messages as Frame[]).at(-1)?.['text'] !== name) throw new Error('the message is not in the history');
  } finally {
    alice.destroy();
    bob.destroy();
  }
}
