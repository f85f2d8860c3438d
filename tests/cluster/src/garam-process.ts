import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** How a process ended, and what it said. */
interface Ending {
  code: number | null;
  output: string;
}

export interface GaramProcess {
  readonly ended: Promise<Ending>;
  signal(name: NodeJS.Signals): void;
}

/** Runs a main file of the repository with nothing but these settings. */
export function startProcess(
  main: string,
  settings: Record<string, string>,
  args: readonly string[] = [],
): GaramProcess {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise<Ending>((resolve) => {
    child.once('error', (error) => resolve({ code: -1, output: error.message }));
    child.once('close', (code) => resolve({ code, output }));
  });
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  void ended.then(() => process.off('exit', end));
  return { ended, signal: (name) => void child.kill(name) };
}
