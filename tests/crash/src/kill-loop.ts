import { pause, until } from '@garam/tests-driver/deadline';
import { spawnEmbeddedServer, startEmbeddedServer } from '@garam/tests-driver/embedded-server';
import type { EmbeddedServerOptions, RunningServer } from '@garam/tests-driver/embedded-server';
import type { Random } from '@garam/tests-driver/random';
import type { ChatClient } from './chat-client.ts';
import type { Tally } from './tally.ts';

export interface KillCounts {
  /** Kills with sends in flight: the ones that count. */
  kills: number;
  /** Sends in flight, over all counted kills. */
  inFlight: number;
  /** Kills while the server was starting, which come on top. */
  duringStart: number;
  /** Times the server was stopped for seconds (SIGSTOP) and went on, as a starved machine does. */
  pauses: number;
  /** Longest time from a kill to a server that is ready again. */
  longestRestartMs: number;
}

/** Kills and restarts the server at random moments under load; returns the last one, running. */
export async function killLoop(
  first: RunningServer,
  serverOptions: EmbeddedServerOptions,
  kills: number,
  run: { clients: readonly ChatClient[]; tally: Tally; random: Random; say: (line: string) => void },
): Promise<{ server: RunningServer; counts: KillCounts }> {
  const { clients, tally, random } = run;
  const counts: KillCounts = { kills: 0, inFlight: 0, duringStart: 0, pauses: 0, longestRestartMs: 0 };
  const inFlight = (): number => clients.reduce((sum, client) => sum + client.sendsInFlight, 0);
  let server = first;
  while (counts.kills < kills) {
    // Mostly after some progress, at times in the middle of everyone coming back.
    if (random.chance(0.75)) {
      const acked = tally.acked;
      await until(() => tally.acked > acked, PROGRESS_DEADLINE_MS, 'a send acknowledged after the restart', 1);
      await pause(random.between(100, 1500));
    } else {
      await pause(random.between(0, 100));
    }
    if (random.chance(PAUSE_CHANCE)) {
      await pauseServer(server, random.between(1000, 9000));
      await pause(random.between(0, 1000));
      counts.pauses += 1;
    }
    await until(() => inFlight() > 0, PROGRESS_DEADLINE_MS, 'a send in flight', 0);
    counts.kills += 1;
    counts.inFlight += inFlight();
    const killedAt = performance.now();
    await server.kill();
    if (random.chance(0.2)) {
      await killDuringStart(serverOptions, random);
      counts.duringStart += 1;
    }
    server = await startEmbeddedServer(serverOptions);
    counts.longestRestartMs = Math.max(counts.longestRestartMs, performance.now() - killedAt);
    if (counts.kills % 5 === 0) run.say(`  ${counts.kills} kills, ${tally.acked} acknowledged`);
  }
  return { server, counts };
}

const PROGRESS_DEADLINE_MS = 20_000;

const PAUSE_CHANCE = 0.1;

/** Longer than the server waits for its own log and than clients wait for an answer: outcomes become unknown, nothing dies. */
async function pauseServer(server: RunningServer, ms: number): Promise<void> {
  for (const { pid } of server.processes) process.kill(pid, 'SIGSTOP');
  await pause(ms);
  for (const { pid } of server.processes) process.kill(pid, 'SIGCONT');
}

async function killDuringStart(serverOptions: EmbeddedServerOptions, random: Random): Promise<void> {
  const starting = await spawnEmbeddedServer(serverOptions);
  await pause(random.between(50, 800));
  await starting.kill();
}
