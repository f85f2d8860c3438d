import type { Environment } from '@garam/service/load-config';
import { runService } from '@garam/service/run-service';
import packageJson from '../package.json' with { type: 'json' };
import { composeAllInOne } from './compose.ts';
import { runDlq } from './dlq/run-dlq.ts';
import { runMigrate } from './migrate/run-migrate.ts';
import { runProvision } from './run-provision.ts';

interface Command {
  help: string;
  run(args: readonly string[], environment: Environment): Promise<number>;
}

/** The commands of `garam`, in the order of the help. */
const COMMANDS: Record<string, Command> = {
  start: {
    help: 'run every service in this process (the default)',
    async run(_args, environment) {
      await runService(composeAllInOne, environment);
      return 0;
    },
  },
  provision: {
    help: 'make topics, keyspace and tables: [--log URL] [--store URL], else GARAM_LOG and GARAM_STORE',
    run: runProvision,
  },
  migrate: {
    help: 'move an embedded folder into an empty cluster: --from FOLDER --to-log URL --to-store URL',
    run: runMigrate,
  },
  dlq: {
    help: 'dead letters: list | show | replay [--log URL] [--topic T] [--group G] [--partition N --offset N | --all]',
    run: runDlq,
  },
  version: {
    help: 'print the version',
    async run() {
      console.log(packageJson.version);
      return 0;
    },
  },
  help: {
    help: 'print this',
    async run() {
      console.log(helpText());
      return 0;
    },
  },
};

const EXIT_USAGE = 64;

/** Runs one command; the result is the exit code. */
export async function runCommandLine(args: readonly string[], environment: Environment): Promise<number> {
  const [name = 'start', ...rest] = args;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command !== undefined) return command.run(rest, environment);
  console.error(`garam: there is no command "${name}"\n\n${helpText()}`);
  return EXIT_USAGE;
}

function helpText(): string {
  const lines = Object.entries(COMMANDS).map(([name, command]) => `  garam ${name.padEnd(10)} ${command.help}`);
  return `Usage:\n${lines.join('\n')}\n\nConfiguration comes from the environment: docs/configuration.md.`;
}
