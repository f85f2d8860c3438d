import { connectGaram, type Frame, type GaramConnection } from '@garam/tests-driver/garam-connection';
import { beforeAll, describe, expect, test } from 'vitest';
import { createVolume, startContainer, type Container } from './container.ts';
import { JWT_SECRET, signToken } from './tokens.ts';

const DRAIN_MS = 1_500;

let garam: Container;
let chat: string;

interface Person {
  connection: GaramConnection;
  pushes: Frame[];
  closed: Promise<number>;
}

async function join(user: string): Promise<Person> {
  const pushes: Frame[] = [];
  const closed = Promise.withResolvers<number>();
  const connection = await connectGaram({
    url: await garam.url(),
    token: signToken(user, JWT_SECRET),
    device: `device-of-${user}`,
    onPush: (frame) => void pushes.push(frame),
    onClose: closed.resolve,
  });
  return { connection, pushes, closed: closed.promise };
}

const say = ({ connection }: Person, text: string) =>
  connection.command({ t: 'message.send', chat, kind: 'text', text, clientId: text.replaceAll(' ', '-') });

/** Texts of the chat's messages as its history has them. */
async function history({ connection }: Person): Promise<string[]> {
  const reply = await connection.command({ t: 'history', chat, limit: 100 });
  return (reply['messages'] as { text: string }[]).map((message) => message.text);
}

describe('the all-in-one in a container with a read-only root', () => {
  beforeAll(async () => {
    garam = await startContainer({
      command: ['start'],
      env: { GARAM_JWT_SECRET: JWT_SECRET, GARAM_DRAIN_MS: String(DRAIN_MS) },
      volume: await createVolume(),
      port: 8080,
    });
    await garam.healthy();
  });

  test('runs as nobody in particular, with nothing to write to but its data', async () => {
    expect(await garam.execute('sh', '-c', 'test $(id -u) -ne 0')).toBe(0);
    expect(await garam.execute('sh', '-c', '! touch /app/x && touch /data/x /tmp/x')).toBe(0);
    expect(
      await garam.execute('sh', '-c', '! find /app -path "*/node_modules" -prune -o -name "*.test.ts" -print | grep .'),
    ).toBe(0);
  });

  test('serves the web client', async () => {
    const page = await fetch(await garam.url());
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
  });

  test('two people chat over its port', async () => {
    const [alice, bob] = [await join('alice'), await join('bob')];
    const created = await alice.connection.command({
      t: 'chat.create',
      clientId: 'first',
      kind: 'direct',
      members: ['bob'],
    });
    chat = created['chat'].chat;
    await say(alice, 'hello from a container');
    await expect.poll(() => bob.pushes.some((push) => push['message']?.text === 'hello from a container')).toBe(true);
    alice.connection.close();
    bob.connection.close();
  });

  test('what was acknowledged is there after SIGKILL and a new start', async () => {
    const alice = await join('alice');
    for (let count = 1; count <= 50; count++) await say(alice, `message ${count}`);
    await garam.kill('KILL');
    expect(await garam.ended()).toBe(137);
    await garam.start();
    await garam.healthy();
    const texts = await history(await join('bob'));
    expect(texts).toEqual([
      'hello from a container',
      ...Array.from({ length: 50 }, (_, index) => `message ${index + 1}`),
    ]);
  });

  test('SIGTERM tells clients to leave, closes with 4001 and ends with exit code 0', async () => {
    const alice = await join('alice');
    await garam.kill('TERM');
    expect(await alice.closed).toBe(4001);
    expect(alice.pushes).toContainEqual({ t: 'drain', afterMs: DRAIN_MS });
    expect(await garam.ended()).toBe(0);
  });
});
