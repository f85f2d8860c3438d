import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { portAnswers } from './port-answers.ts';
import type { ServerSpec } from './server-spec.ts';
import type { StackOptions } from './stack-options.ts';

/** Redis as Garam runs it: nothing on disk, nothing evicted. */
export function redisServers(options: StackOptions): ServerSpec[] {
  if (options.redis === 0) return [];
  const folder = join(options.dataFolder, 'redis-0');
  mkdirSync(folder, { recursive: true });
  const port = options.portBase + 200;
  const address = `127.0.0.1:${port}`;
  const settings = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'no',
    '--maxmemory',
    '512mb',
    '--maxmemory-policy',
    'noeviction',
  ];
  return [
    { name: 'redis-0', command: 'redis-server', args: settings, folder, address, isReady: () => portAnswers(address) },
  ];
}
