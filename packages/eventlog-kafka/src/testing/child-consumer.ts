import { until } from '@garam/testkit/until';
import { spawn } from 'node:child_process';
import { join } from 'node:path';

export interface ChildConsumer {
  /** `partition/offset` of everything it was given. */
  given(): string[];
  errors(): string;
  isReady(): boolean;
  /** Resolves when the process has ended. */
  readonly ended: Promise<{ code: number | null }>;
  kill(): void;
}

/** Starts `consume-main.ts` as a process of its own. */
export function startChildConsumer(brokers: readonly string[], group: string, topic: string): ChildConsumer {
  const main = join(import.meta.dirname, 'consume-main.ts');
  const child = spawn(process.execPath, [main, brokers.join(','), group, topic], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  child.stderr.on('data', (chunk) => (errors += String(chunk)));
  const ended = new Promise<{ code: number | null }>((resolve) => child.on('exit', (code) => resolve({ code })));
  const lines = () => output.split('\n').filter((line) => line !== '');
  return {
    given: () => lines().filter((line) => line.includes('/')),
    errors: () => errors,
    isReady: () => lines().includes('ready'),
    ended,
    kill: () => child.kill('SIGKILL'),
  };
}

export async function childReady(child: ChildConsumer): Promise<void> {
  await until(() => child.isReady(), `the child is ready ${child.errors()}`);
}
