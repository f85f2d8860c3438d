import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlannedProcess } from './process-plan.ts';

/** What `up` leaves in the data folder for whoever uses the cluster. */
export interface ClusterFile {
  jwtSecret: string;
  /** GARAM_LOG, GARAM_STORE, GARAM_BUS */
  addresses: Record<string, string>;
  processes: PlannedProcess[];
  /** Where its ports begin. */
  portBase: number;
}

const pathIn = (dataFolder: string) => join(dataFolder, 'cluster.json');

export function writeClusterFile(dataFolder: string, file: ClusterFile): void {
  writeFileSync(pathIn(dataFolder), `${JSON.stringify(file, undefined, 2)}\n`, { mode: 0o600 });
}

/** undefined: no cluster was started in this folder. */
export function readClusterFile(dataFolder: string): ClusterFile | undefined {
  if (!existsSync(pathIn(dataFolder))) return undefined;
  return JSON.parse(readFileSync(pathIn(dataFolder), 'utf8')) as ClusterFile;
}
