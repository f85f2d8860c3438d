import { readFileSync } from 'node:fs';
import { eachLimited, pause } from '@garam/tests-driver/deadline';
import { connectGaram } from '@garam/tests-driver/garam-connection';
import type { GaramConnection } from '@garam/tests-driver/garam-connection';
import { readProcessUsage } from '@garam/tests-driver/process-usage';
import { linearFit } from './linear-fit.ts';
import type { Target } from './target.ts';

export interface IdleResult {
  connections: number;
  openPerSecond: number;
  /** Connections the server closed although nothing was wrong with them. */
  closed: number;
  /** Resident memory of all the server's processes; empty when they are not ours. */
  steps: { connections: number; rssBytes: number }[];
  bytesPerConnection: number | null;
}

/**
 * Opens authenticated connections in steps and fits a line through the server's memory. A first batch is opened and
 * closed before, so that code compiled on first use is not counted as memory of connections.
 */
export async function runIdle(target: Target, connections: number): Promise<IdleResult> {
  requireFileDescriptors(connections);
  const open: GaramConnection[] = [];
  let closed = 0;
  let closing = false;
  const openTo = (total: number): Promise<void> => {
    const numbers = Array.from({ length: total - open.length }, (_, i) => open.length + i);
    return eachLimited(numbers, 32, async (number) => {
      const user = `idle-${number}`;
      const token = await target.tokens.token(user);
      const onClose = (): void => void (closed += closing ? 0 : 1);
      open.push(
        await connectGaram({
          url: target.urls[number % target.urls.length]!,
          token,
          device: 'idle',
          deadlineMs: 30_000,
          onClose,
          ...sourceAddress(target, number),
        }),
      );
    });
  };
  const closeAll = (): void => {
    closing = true;
    for (const connection of open.splice(0)) connection.close();
  };
  try {
    await openTo(Math.min(WARM_UP, connections));
    closeAll();
    await pause(SETTLE_MS);
    closing = false;
    const steps = [{ connections: 0, rssBytes: await settledRss(target) }];
    let openingMs = 0;
    for (let step = 1; step <= STEPS; step += 1) {
      const startedAt = performance.now();
      await openTo(Math.round((connections * step) / STEPS));
      openingMs += performance.now() - startedAt;
      steps.push({ connections: open.length, rssBytes: await settledRss(target) });
    }
    const fit = linearFit(steps.map((step) => ({ x: step.connections, y: step.rssBytes })));
    const known = target.processes.length > 0;
    return {
      connections: open.length,
      openPerSecond: (open.length / openingMs) * 1000,
      closed,
      steps: known ? steps : [],
      bytesPerConnection: known ? fit.slope : null,
    };
  } finally {
    closeAll();
  }
}

const WARM_UP = 500;
const STEPS = 8;
const SETTLE_MS = 1000;
/** Below the usual 28,232 ephemeral ports of one source address. */
const CONNECTIONS_PER_ADDRESS = 20_000;

/** Memory falls and rises with garbage collection: the median of a second. */
async function settledRss(target: Target): Promise<number> {
  await pause(SETTLE_MS);
  const samples: number[] = [];
  for (let i = 0; i < 11; i += 1) {
    samples.push(target.processes.reduce((sum, { pid }) => sum + readProcessUsage(pid).rssBytes, 0));
    await pause(SETTLE_MS / 11);
  }
  return samples.sort((a, b) => a - b)[5]!;
}

function sourceAddress(target: Target, number: number): { localAddress?: string } {
  const block = Math.floor(number / CONNECTIONS_PER_ADDRESS);
  if (block === 0 || new URL(target.urls[0]!).hostname !== '127.0.0.1') return {};
  return { localAddress: `127.0.0.${1 + block}` };
}

function requireFileDescriptors(connections: number): void {
  const limit = Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1] ?? 0);
  if (limit > 0 && limit < connections + 200) {
    throw new Error(
      `${connections} connections need as many file descriptors in the driver and in the server, the limit is ${limit}: ` +
        `raise it (ulimit -n ${connections + 1000}) or ask for fewer (--connections)`,
    );
  }
}
