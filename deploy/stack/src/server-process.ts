import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerSpec } from './server-spec.ts';

const START_MS_MAX = 240_000;
const STOP_MS_MAX = 20_000;
/** Of util-linux; it becomes the command it is given. */
const SETPRIV = '/usr/bin/setpriv';

export interface StartOptions {
  /** It goes on when the process that started it ends, however that ends. Default: it is killed then, where Linux can. */
  outlivesStarter?: boolean | undefined;
}

/**
 * Starts the server in the background, its output in `<folder>/server.log`, and waits until it serves.
 * One that runs already is left as it is.
 * @throws Error with the end of its log
 */
export async function startServer(spec: ServerSpec, options: StartOptions = {}): Promise<void> {
  if (runningPid(spec.folder) === undefined) {
    if (await spec.isReady())
      throw new Error(`${spec.name}: ${spec.address} is taken by another process; choose another --port-base`);
    const log = openSync(join(spec.folder, 'server.log'), 'a');
    const [command, args] = options.outlivesStarter === true ? [spec.command, spec.args] : tied(spec);
    const child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: spec.folder,
      env: { ...process.env, ...spec.environment },
    });
    closeSync(log);
    child.on('error', () => undefined);
    child.unref();
    if (child.pid !== undefined)
      writeFileSync(join(spec.folder, 'pid'), `${child.pid} ${startTimeOf(child.pid) ?? ''}`);
  }
  const end = Date.now() + START_MS_MAX;
  while (!(await spec.isReady())) {
    if (runningPid(spec.folder) === undefined)
      throw new Error(`${spec.name} ended while starting:\n${logEnd(spec.folder)}`);
    if (Date.now() > end) throw new Error(`${spec.name} does not answer at ${spec.address}:\n${logEnd(spec.folder)}`);
    await sleep(100);
  }
}

/** The kernel ends what was started so when its starter is gone, also after a SIGKILL: tests leave nothing behind. */
function tied({ command, args }: ServerSpec): [string, string[]] {
  return existsSync(SETPRIV) ? [SETPRIV, ['--pdeathsig', 'KILL', '--', command, ...args]] : [command, args];
}

/** Ends the server that was started in this folder, if it runs: SIGTERM, then SIGKILL. */
export async function stopServer(folder: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  const pid = runningPid(folder);
  if (pid !== undefined) {
    send(pid, 'SIGCONT');
    send(pid, signal);
    const end = Date.now() + STOP_MS_MAX;
    while (runningPid(folder) !== undefined) {
      if (Date.now() > end) send(pid, 'SIGKILL');
      await sleep(50);
    }
  }
  rmSync(join(folder, 'pid'), { force: true });
}

/** Pid of the server started in this folder; undefined when it has ended. A pid that was given to somebody else is not it. */
export function runningPid(folder: string): number | undefined {
  try {
    const [pid, startTime] = readFileSync(join(folder, 'pid'), 'utf8').split(' ') as [string, string];
    return startTimeOf(Number(pid)) === startTime ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
}

/** Start time of a living process in clock ticks since boot, from /proc; undefined when there is none or it is a zombie. */
function startTimeOf(pid: number): string | undefined {
  try {
    const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
    const fields = rest.split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}

function logEnd(folder: string): string {
  try {
    return readFileSync(join(folder, 'server.log'), 'utf8').split('\n').slice(-25).join('\n');
  } catch {
    return '(no log)';
  }
}
