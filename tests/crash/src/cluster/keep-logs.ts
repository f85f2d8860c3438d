import { cp, mkdtemp } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** Copies what every process has said to a folder of its own, which outlives the cluster; returns the folder. */
export async function keepLogs(dataFolder: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'garam-crash-logs-'));
  for (const file of globSync(['*/server.log', 'servers/*/server.log'], { cwd: dataFolder })) {
    await cp(join(dataFolder, file), join(folder, `${basename(dirname(file))}.log`));
  }
  return folder;
}
