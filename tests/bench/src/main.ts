import { parseOptions, USAGE } from './options.ts';
import { runBench } from './run-bench.ts';

const say = (line: string): void => console.log(line);

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    say(USAGE);
  } else {
    process.exitCode = (await runBench(options, say)) ? 0 : 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
// Connections of a server that does not close them must not keep the process alive.
process.exit();
