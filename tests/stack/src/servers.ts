import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultCacheFolder } from '@garam/stack/stack-options';

export const SERVERS = ['kafka', 'cassandra', 'redis'] as const;
export type Server = (typeof SERVERS)[number];

const ROOT = join(import.meta.dirname, '../../..');

/** Test files that need the server, from the root. */
export function testsOf(server: Server): string[] {
  return globSync(`{packages,services}/*/src/**/*.${server}.test.ts`, { cwd: ROOT });
}

/** The servers this run is about: those with tests, or fewer by GARAM_STACK_SERVERS (`kafka,redis`). */
export function wantedServers(): Server[] {
  const named = process.env['GARAM_STACK_SERVERS']?.split(',');
  return SERVERS.filter((server) => (named === undefined || named.includes(server)) && testsOf(server).length > 0);
}

/** Why a server cannot be run here; undefined when it can. */
export function whyMissing(server: Server): string | undefined {
  if (server === 'redis') return runs('redis-server', '--version') ? undefined : 'redis-server is not installed';
  if (!runs('java', '-version')) return 'Java is not installed';
  const isCached = globSync(`${server}-*`, { cwd: defaultCacheFolder() }).length > 0;
  return isCached || runs('mvn', '-version') ? undefined : 'Maven is not installed';
}

/** Says that tests are left out, where `npm test` shows it. In CI nothing may be left out. */
export function leaveOut(server: Server, reason: string): void {
  sayLeftOut(`${server}: ${testsOf(server).length} test files: ${reason}`);
}

/** The same for a suite that needs all servers. True: it has to be left out. */
export function leaveOutWithoutServers(suite: string): boolean {
  const reasons = new Set(SERVERS.map(whyMissing).filter((reason) => reason !== undefined));
  if (reasons.size === 0) return false;
  sayLeftOut(`${suite}: ${[...reasons].join(', ')}`);
  return true;
}

function sayLeftOut(line: string): void {
  if (process.env['CI'] === 'true') throw new Error(`CI must not leave out anything: ${line}`);
  console.error(`LEFT OUT ${line}`);
  const file = process.env['GARAM_LEFT_OUT'];
  if (file !== undefined && !(existsSync(file) && lines(file).includes(line))) appendFileSync(file, `${line}\n`);
}

function lines(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n');
}

function runs(command: string, probe: string): boolean {
  try {
    execFileSync(command, [probe], { stdio: 'ignore', timeout: 30_000 });
    return true;
  } catch {
    return false;
  }
}
