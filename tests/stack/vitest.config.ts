import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { leaveOut, SERVERS, wantedServers, whyMissing } from './src/servers.ts';

/** The adapters' tests against the real servers, which are started for the run. */
const root = join(import.meta.dirname, '../..');
const wanted = wantedServers();
const present = wanted.filter((server) => {
  const reason = whyMissing(server);
  if (reason !== undefined) leaveOut(server, reason);
  return reason === undefined;
});

export default defineConfig({
  root,
  test: {
    name: 'stack',
    root,
    include: present.map((server) => `{packages,services}/*/src/**/*.${server}.test.ts`),
    exclude: SERVERS.filter((server) => !present.includes(server)).map((server) => `**/*.${server}.test.ts`),
    globalSetup: [join(import.meta.dirname, 'src/global-setup.ts')],
    passWithNoTests: present.length < wanted.length || wanted.length === 0,
    // Some files start brokers of their own: two of them at once starve each other.
    maxWorkers: 1,
    testTimeout: 30_000,
    hookTimeout: 480_000,
  },
});
