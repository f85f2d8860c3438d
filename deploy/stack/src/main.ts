import { parseStackArguments } from './stack-options.ts';
import { adapterUrls, stackDown, stackReset, stackStatus, stackUp } from './stack.ts';

try {
  const { command, options } = parseStackArguments(process.argv.slice(2));
  const started = performance.now();
  if (command === 'up') {
    const urls = adapterUrls(await stackUp(options), options);
    console.log(`up after ${((performance.now() - started) / 1000).toFixed(1)} s; data in ${options.dataFolder}`);
    for (const [name, value] of Object.entries(urls)) console.log(`${name}=${value}`);
  } else if (command === 'down') await stackDown(options.dataFolder);
  else if (command === 'reset') await stackReset(options.dataFolder);
  else printStatus(options.dataFolder);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function printStatus(dataFolder: string): void {
  const servers = stackStatus(dataFolder);
  if (servers.length === 0) console.log(`no stack in ${dataFolder}`);
  for (const { name, pid } of servers)
    console.log(`${name.padEnd(14)} ${pid === undefined ? 'stopped' : `running, pid ${pid}`}`);
}
