import { join } from 'node:path';
import { runningPid } from '@garam/stack/server-process';
import { stackStatus } from '@garam/stack/stack';
import { parseClusterArguments } from './parse-arguments.ts';
import { processFolders, removeCluster, startCluster, stopCluster, type Cluster } from './start-cluster.ts';

try {
  const { command, options } = parseClusterArguments(process.argv.slice(2));
  const started = performance.now();
  if (command === 'run' || command === 'up') {
    const cluster = await startCluster(options);
    console.log(`up after ${((performance.now() - started) / 1000).toFixed(1)} s; logs in ${options.dataFolder}`);
    printPlaces(cluster);
    if (command === 'run') {
      await untilTold();
      await removeCluster(options.dataFolder);
    }
  } else if (command === 'down') await stopCluster(options.dataFolder);
  else if (command === 'reset') await removeCluster(options.dataFolder);
  else printStatus(options.dataFolder);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** A signal, or whoever started this has closed our input, by ending for example. */
async function untilTold(): Promise<void> {
  console.log('running until the end of the input or a signal');
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
    process.stdin.once('end', resolve).once('error', resolve).resume();
  });
  process.stdin.destroy();
}

function printPlaces({ processes, addresses, jwtSecret }: Cluster): void {
  for (const { name, url, healthUrl } of processes)
    console.log(`${name.padEnd(18)} ${(url ?? '').padEnd(24)} health ${healthUrl}`);
  for (const [name, value] of Object.entries({ ...addresses, GARAM_JWT_SECRET: jwtSecret }))
    console.log(`${name}=${value}`);
}

function printStatus(dataFolder: string): void {
  const services = processFolders(dataFolder).map((folder) => ({
    name: folder.split('/').at(-1)!,
    pid: runningPid(folder),
  }));
  const all = [...stackStatus(join(dataFolder, 'servers')), ...services];
  if (all.length === 0) console.log(`no cluster in ${dataFolder}`);
  for (const { name, pid } of all)
    console.log(`${name.padEnd(18)} ${pid === undefined ? 'stopped' : `running, pid ${pid}`}`);
}
