import { parseArgs } from 'node:util';
import { openAdapters } from '@garam/adapters/open-adapters';
import { parseAdapterUrls } from '@garam/adapters/parse-adapter-urls';
import { systemClock } from '@garam/runtime/system-clock';
import { ConfigError, loadConfig, type Environment } from '@garam/service/load-config';
import { createLogger } from '@garam/telemetry/logger';
import { createMetrics } from '@garam/telemetry/meter';
import { effectiveConfig, garamConfig } from '../config.ts';
import { drainSource } from './drain-source.ts';
import { migrate, type MigrationOutcome } from './migrate.ts';
import { openSource } from './open-source.ts';
import { createPatience } from '../patience.ts';
import { createProgress } from './progress.ts';
import { reportLines } from './report.ts';

const EXIT_CONFIG = 78;
/** A server may be away for so long. */
const PATIENCE_MS = 120_000;

/**
 * `garam migrate --from ./data --to-log URL --to-store URL`: an embedded folder into an empty cluster. Exit code 0: all is
 * there and equal. 78: it was called wrongly. 1: anything else, with the reason; run it again then.
 */
export async function runMigrate(args: readonly string[], environment: Environment): Promise<number> {
  try {
    const { from, toLog, toStore } = given(args);
    const outcome = await migrateBetween(from, { log: toLog, store: toStore }, environment);
    for (const line of reportLines(outcome)) console.log(line);
    return outcome.state === 'differing' ? 1 : 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return error instanceof ConfigError ? EXIT_CONFIG : 1;
  }
}

async function migrateBetween(
  from: string,
  to: { log: string; store: string },
  environment: Environment,
): Promise<MigrationOutcome> {
  const places = parseAdapterUrls(to);
  const config = effectiveConfig(loadConfig(garamConfig, environment));
  const logger = createLogger({ service: 'migrate', level: 'warn' });
  const deps = { clock: systemClock, logger, meter: createMetrics().meter };
  const progress = createProgress(systemClock, (line) => console.log(line));
  const { source, adapters, close } = await openSource(from, deps);
  try {
    const options = { clientName: 'garam-migrate', openDeadlineMs: config.GARAM_START_TIMEOUT_MS, provision: true };
    const target = await openAdapters(places, deps, options);
    try {
      await drainSource(adapters, { ...deps, config, progress });
      const patiently = createPatience(systemClock, PATIENCE_MS);
      return await migrate({ source, target, clock: systemClock, patiently, progress });
    } finally {
      await target.close();
    }
  } finally {
    await close();
  }
}

/** @throws ConfigError */
function given(args: readonly string[]): { from: string; toLog: string; toStore: string } {
  const option = { type: 'string' } as const;
  const values = ((): Record<string, string | undefined> => {
    try {
      return parseArgs({ args: [...args], options: { from: option, 'to-log': option, 'to-store': option } }).values;
    } catch (error) {
      throw new ConfigError([(error as Error).message]);
    }
  })();
  const { from, 'to-log': toLog, 'to-store': toStore } = values;
  if (from === undefined || toLog === undefined || toStore === undefined)
    throw new ConfigError(['garam migrate --from FOLDER --to-log URL --to-store URL: all three are needed']);
  return { from, toLog, toStore };
}
