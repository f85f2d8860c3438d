import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TwoHopOptions, TwoHopResult } from './log/run-two-hops.ts';

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('log/two-hop-process.ts', import.meta.url));
/** What starting, topics and groups may take beside the load itself. */
const AROUND_MS_MAX = 60_000;

/** Two hops through the Kafka at `log`, in a process of its own. */
export async function measureTwoHops(log: string, options: TwoHopOptions): Promise<TwoHopResult> {
  const { stdout } = await run(process.execPath, [SCRIPT, JSON.stringify({ ...options, log })], {
    timeout: options.warmUpMs + options.measureMs + AROUND_MS_MAX,
  });
  return JSON.parse(stdout) as TwoHopResult;
}
