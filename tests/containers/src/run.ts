import { spawn } from 'node:child_process';

export interface Ran {
  code: number | null;
  /** Standard output and standard error, as they came. */
  output: string;
  /** Standard output alone. */
  stdout: string;
}

export interface RunOptions {
  env?: Record<string, string | undefined>;
  timeoutMs?: number;
}

/** Runs a program to its end; `code` is null where it could not be started or was ended at its deadline. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { env = {}, timeoutMs = 60_000 } = options;
  return new Promise((resolve) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, timeout: timeoutMs, killSignal: 'SIGKILL' });
    const [output, stdout]: [Buffer[], Buffer[]] = [[], []];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void output.push(chunk));
    child.stdout.on('data', (chunk: Buffer) => void stdout.push(chunk));
    child.on('error', (error) => resolve({ code: null, output: error.message, stdout: '' }));
    child.on('close', (code) =>
      resolve({ code, output: Buffer.concat(output).toString(), stdout: Buffer.concat(stdout).toString() }),
    );
  });
}

/** The standard output of a program that must succeed. */
export async function mustRun(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, output, stdout } = await run(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output.slice(-4_000)}`);
  return stdout.trim();
}
