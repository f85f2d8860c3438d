import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Used by the Dockerfile: writes the package manifests of what is in an image to the folder named by the first argument,
 * without what only development needs. Dependencies are installed from them alone, so that a change of the
 * sources does not install them anew.
 */
interface Manifest {
  workspaces?: string[];
  devDependencies?: Record<string, string>;
  scripts?: Record<string, string>;
  [other: string]: unknown;
}

const target = process.argv[2];
if (target === undefined) throw new Error('usage: write-manifests.ts FOLDER');

for (const file of ['package.json', ...globSync('{packages,services,apps}/*/package.json')]) {
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  delete manifest.devDependencies;
  delete manifest.scripts;
  if (manifest.workspaces !== undefined) manifest.workspaces = ['packages/*', 'services/*', 'apps/*'];
  mkdirSync(join(target, dirname(file)), { recursive: true });
  writeFileSync(join(target, file), `${JSON.stringify(manifest, null, 2)}\n`);
}
for (const file of ['package-lock.json', '.npmrc']) cpSync(file, join(target, file));
