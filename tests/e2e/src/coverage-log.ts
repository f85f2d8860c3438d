import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the protocol has tables of, and these tests assert. */
export type Covered = 'command' | 'httpCommand' | 'push' | 'event' | 'error' | 'close';

const noted = new Set<string>();

function folder(): string {
  const path = process.env['GARAM_E2E_COVERAGE'];
  if (path === undefined) throw new Error('GARAM_E2E_COVERAGE is not set');
  return path;
}

/** Notes that a test has asserted `name`. One file per worker process, so that workers never share one. */
export function covered(kind: Covered, name: string | number): void {
  const line = `${kind} ${name}`;
  if (noted.has(line)) return;
  noted.add(line);
  appendFileSync(join(folder(), `${process.pid}.txt`), `${line}\n`);
}

/** Everything noted in this run, by all workers. */
export function readCovered(): Map<Covered, Set<string>> {
  const all = new Map<Covered, Set<string>>();
  for (const file of readdirSync(folder())) {
    for (const line of readFileSync(join(folder(), file), 'utf8').split('\n')) {
      const [kind, name] = line.split(' ') as [Covered, string | undefined];
      if (name === undefined) continue;
      const names = all.get(kind) ?? new Set();
      all.set(kind, names.add(name));
    }
  }
  return all;
}
