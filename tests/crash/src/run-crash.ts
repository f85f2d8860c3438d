import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { devTokens } from '@garam/tests-driver/dev-token';
import type { TokenSource } from '@garam/tests-driver/dev-token';
import { freePort, startEmbeddedServer } from '@garam/tests-driver/embedded-server';
import type { EmbeddedServerOptions, RunningServer } from '@garam/tests-driver/embedded-server';
import { durabilityClass, fetchMetrics, metricSum } from '@garam/tests-driver/metrics-text';
import { createRandom } from '@garam/tests-driver/random';
import type { Random } from '@garam/tests-driver/random';
import { ChatClient } from './chat-client.ts';
import { checkDoubt } from './check-doubt.ts';
import { checkEvidence } from './check-evidence.ts';
import { collectEvidence } from './collect-evidence.ts';
import { createChats } from './create-chats.ts';
import type { CrashChat } from './create-chats.ts';
import type { MemberEvidence, Violation } from './evidence.ts';
import { killLoop } from './kill-loop.ts';
import type { KillCounts } from './kill-loop.ts';
import { startLoad } from './load.ts';
import type { Load } from './load.ts';
import { quiesce } from './quiesce.ts';
import { emptyTally } from './tally.ts';
import type { Tally } from './tally.ts';

export interface CrashOptions {
  kills: number;
  clients: number;
  seed: number;
  ratePerSecond: number;
  /** The script to start instead of `apps/garam`. */
  server: string | null;
  say: (line: string) => void;
}

export interface CrashResult {
  counts: KillCounts;
  tally: Tally;
  /** Messages in all chats, and (chat, member) pairs that were compared. */
  messages: number;
  compared: number;
  durability: string;
  violations: Violation[];
  evidence: MemberEvidence[];
}

/** Load, kills and restarts; then everything every member sees is held against what was acknowledged. */
export async function runCrash(options: CrashOptions): Promise<CrashResult> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'garam-crash-'));
  const run: CrashRun = {
    options,
    random: createRandom(options.seed),
    tally: emptyTally(),
    clients: [],
    chats: [],
    load: null,
    server: null,
  };
  try {
    return await crashAndCheck(run, dataFolder);
  } finally {
    run.load?.stop();
    await Promise.all(run.clients.map((client) => client.stop()));
    await run.server?.kill();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

interface CrashRun {
  options: CrashOptions;
  random: Random;
  tally: Tally;
  clients: ChatClient[];
  chats: CrashChat[];
  load: Load | null;
  server: RunningServer | null;
}

async function crashAndCheck(run: CrashRun, dataFolder: string): Promise<CrashResult> {
  const { options, tally, random } = run;
  const serverOptions: EmbeddedServerOptions = {
    dataFolder,
    port: await freePort(),
    env: { GARAM_LIMITS: 'off' },
    ...(options.server === null ? {} : { entry: options.server }),
  };
  run.server = await startEmbeddedServer(serverOptions);
  const { url } = run.server;
  const tokens = devTokens(url);
  const users = Array.from({ length: options.clients }, (_, i) => `user${i}`);
  run.chats = await createChats(url, tokens, users, random);
  run.clients = users.map((user) => createClient(run, url, tokens, user));
  for (const client of run.clients) client.start();
  run.load = startLoad(run.clients, run.chats, options.ratePerSecond, random);
  const loop = { clients: run.clients, tally, random, say: options.say };
  const killed = await killLoop(run.server, serverOptions, options.kills, loop);
  run.server = killed.server;
  await quiesce(run, { settledMs: 30_000, arrivedMs: 10_000 });
  options.say('  quiet; comparing');
  const evidence = await collectEvidence([url], tokens, run.chats, run.clients);
  const durability = await assertDurability(url, tally.violations);
  const violations = [...tally.violations, ...checkEvidence(tally.sends, evidence), ...checkDoubt(tally)];
  const heads = new Map(evidence.map(({ chat, head }) => [chat, head.seq]));
  const messages = [...heads.values()].reduce((sum, seq) => sum + seq, 0);
  return { counts: killed.counts, tally, messages, compared: evidence.length, durability, violations, evidence };
}

function createClient(run: CrashRun, url: string, tokens: TokenSource, user: string): ChatClient {
  const chats = run.chats
    .filter(({ members }) => members.includes(user))
    .map(({ chat, start }) => ({ chat, seq: start.seq, rev: start.rev }));
  // Own randomness for each, so that the timing of one does not change the load of another.
  const random = createRandom(run.random.integer(2 ** 32));
  return new ChatClient({ urls: [url], user, tokens, random, tally: run.tally, chats });
}

/** The acknowledged durability is the one the running server declares; it must have committed to give it. */
async function assertDurability(url: string, violations: Violation[]): Promise<string> {
  const metrics = await fetchMetrics(url);
  const durability = durabilityClass(metrics) ?? 'not reported';
  if (durability !== 'power_loss') violations.push({ rule: 'durability class', detail: durability });
  const commits = metricSum(metrics, 'garam_sqlite_commits_total') ?? 0;
  if (commits === 0) violations.push({ rule: 'durability class', detail: 'no SQLite commit counted' });
  return durability;
}
