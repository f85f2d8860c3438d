import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { UWS_VERSION } from '../src/load-uws.ts';

/**
 * `npm run test:uws`: the transport's contract suite on uWebSockets.js. Takes the module that GARAM_UWS_MODULE names, or
 * installs it from its author's repository into a folder of its own that is removed afterwards.
 */
const PACKAGE = `uNetworking/uWebSockets.js#v${UWS_VERSION}`;
const INSTALL_MINUTES_MAX = 5;
const root = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'garam-uws-'));
try {
  const module = process.env['GARAM_UWS_MODULE'] ?? install();
  process.exitCode = module === undefined ? 1 : test(module);
} finally {
  rmSync(folder, { recursive: true });
}

/** The installed module's folder; undefined when it could not be installed. */
function install(): string | undefined {
  console.log(`Installing ${PACKAGE} into ${folder}`);
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder, PACKAGE], {
    stdio: 'inherit',
    timeout: INSTALL_MINUTES_MAX * 60_000,
  });
  if (status === 0) return join(folder, 'node_modules/uWebSockets.js');
  console.error(`NOT TESTED: ${PACKAGE} could not be installed. Name an installed one with GARAM_UWS_MODULE.`);
  return undefined;
}

function test(module: string): number {
  const vitest = createRequire(import.meta.url)
    .resolve('vitest/package.json')
    .replace('package.json', 'vitest.mjs');
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', '--config', 'packages/transport-uws/vitest.config.ts'],
    {
      stdio: 'inherit',
      cwd: root,
      env: { ...process.env, GARAM_UWS_MODULE: resolve(module) },
    },
  );
  return status ?? 1;
}
