import { copyFileSync, cpSync, existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mustRun } from './run.ts';

const MINUTES_MAX = 10;
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/**
 * Makes an image to build on where none can be pulled: a minimal Debian 13 with the node and the npm that run this. Needs
 * root and debootstrap. The host's certificates go in, so that packages are fetched the way they are here.
 */
export async function makeLocalBase(name: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'garam-base-'));
  const timeoutMs = MINUTES_MAX * 60_000;
  try {
    const packages = '--include=libstdc++6,ca-certificates';
    await mustRun('debootstrap', ['--variant=minbase', packages, 'trixie', folder], { timeoutMs });
    // npm is a link to bin/npm-cli.js of its folder.
    const npm = dirname(dirname(realpathSync(await mustRun('sh', ['-c', 'command -v npm']))));
    copyFileSync(process.execPath, join(folder, 'usr/local/bin/node'));
    cpSync(npm, join(folder, 'usr/local/lib/node_modules/npm'), { recursive: true, dereference: true });
    symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(folder, 'usr/local/bin/npm'));
    if (existsSync(CERTIFICATES)) copyFileSync(CERTIFICATES, join(folder, CERTIFICATES));
    const archive = join(folder, 'base.tar');
    const left = [
      'base.tar',
      'var/cache/apt',
      'var/lib/apt/lists',
      'usr/share/doc',
      'usr/share/locale',
      'proc/*',
      'dev/*',
    ];
    await mustRun('tar', ['-cf', archive, ...left.map((path) => `--exclude=./${path}`), '-C', folder, '.'], {
      timeoutMs,
    });
    const environment = `ENV NODE_EXTRA_CA_CERTS=${CERTIFICATES} PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`;
    await mustRun('docker', ['import', '--change', environment, archive, name], { timeoutMs });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
