import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newest, newGroup, say, summaryOf } from './chats.ts';
import { HttpClient } from './http-client.ts';
import { newId, userId } from './names.ts';
import { startServer, type GaramServer } from './server.ts';
import { tokenFor } from './tokens.ts';
import { connect, expectError, type WsClient } from './ws-client.ts';

const REPLY_TIMEOUT_MS = 600;
const ANSWER_MS = 20_000;

describe('faults of the database', () => {
  let server: GaramServer;
  let alice: WsClient;
  let chat: string;

  beforeAll(async () => {
    server = await startServer({ GARAM_REPLY_TIMEOUT_MS: String(REPLY_TIMEOUT_MS) });
    alice = await connect(userId('alice'), { target: { url: server.url } });
    chat = await newGroup(alice, []);
  });
  afterAll(() => server.stop());

  function open(): DatabaseSync {
    const database = new DatabaseSync(join(server.dataDir, 'garam.db'));
    database.exec('PRAGMA busy_timeout = 5000');
    return database;
  }

  /** Runs `work` while nobody else can write to the database. */
  async function locked<T>(work: () => Promise<T>): Promise<T> {
    const database = open();
    database.exec('BEGIN EXCLUSIVE');
    try {
      return await work();
    } finally {
      database.exec('ROLLBACK');
      database.close();
    }
  }

  const answer = (id: number) => alice.until((frame) => frame['id'] === id, `the reply to ${id}`, ANSWER_MS);

  it(
    'a send that cannot be stored in time ends as unknown_outcome, later ones of the chat the same; sent again it is stored once',
    { timeout: 40_000 },
    async () => {
      const first = alice.frame('message.send', { chat, kind: 'text', text: 'first' });
      const second = alice.frame('message.send', { chat, kind: 'text', text: 'second' });
      await locked(async () => {
        alice.raw.sendText(JSON.stringify(first));
        alice.raw.sendText(JSON.stringify(second));
        expectError(await answer(first.id), 'unknown_outcome');
        expectError(await answer(second.id), 'unknown_outcome');
      });
      for (const frame of [first, second]) await alice.okFrame(alice.repeat(frame, 2));
      expect((await newest(alice, chat)).map((message) => message.text)).toEqual(['first', 'second']);
    },
  );

  it('other commands that cannot be served are unavailable, for the time being', { timeout: 40_000 }, async () => {
    await locked(async () => {
      const prefs = alice.frame('chat.prefs', { chat, muted: true });
      alice.raw.sendText(JSON.stringify(prefs));
      expectError(await answer(prefs.id), 'unavailable');
    });
    await alice.ok('chat.prefs', { chat, muted: true });
    expect(await summaryOf(alice, chat)).toMatchObject({ muted: true });
  });

  it('over HTTP they are 504 and 503', { timeout: 40_000 }, async () => {
    const http = new HttpClient(server.url, await tokenFor(alice.user, { url: server.url }));
    const key = { idempotencyKey: newId() };
    const body = { chat, kind: 'text', text: 'by HTTP' };
    await locked(async () => {
      await http.refused('unknown_outcome', 'message.send', body, key);
      await http.refused('unavailable', 'chat.prefs', { chat, muted: false });
    });
    await http.ok('message.send', body, key);
    expect((await newest(alice, chat)).filter((message) => message.text === 'by HTTP')).toHaveLength(1);
  });

  it('a row that cannot be decoded is internal; the process and the other chats live on', async () => {
    const broken = await newGroup(alice, []);
    const marker = newId();
    await alice.ok('message.send', { chat: broken, kind: 'custom', data: { marker } });
    expect(await newest(alice, broken)).toMatchObject([{ data: { marker } }]);
    expect(breakCells(open(), marker)).toBeGreaterThan(0);
    await alice.refused('internal', 'history', { chat: broken, limit: 7 });
    await alice.ok('ping');
    await say(alice, chat, 'still here');
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
  });
});

/** Cuts the JSON of every cell in the tables of messages that contains `marker`; returns how many it found. */
function breakCells(database: DatabaseSync, marker: string): number {
  let broken = 0;
  for (const table of namesOf(
    database,
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE '%messages%'",
  )) {
    for (const column of namesOf(database, `SELECT name FROM pragma_table_info('${table}')`)) {
      const cells = `"${table}" SET "${column}" = '{"cut' WHERE CAST("${column}" AS TEXT) LIKE ?`;
      broken += Number(database.prepare(`UPDATE ${cells}`).run(`%${marker}%`).changes);
    }
  }
  database.close();
  return broken;
}

function namesOf(database: DatabaseSync, query: string): string[] {
  return database
    .prepare(query)
    .all()
    .map((row) => String(row['name']));
}
