import { parseArgs } from 'node:util';
import { parseAdapterUrls } from '@garam/adapters/parse-adapter-urls';
import { provisionLog, provisionStore, type ProvisionReport } from '@garam/adapters/provision';
import { systemClock } from '@garam/runtime/system-clock';
import { ConfigError, loadConfig, type Environment } from '@garam/service/load-config';
import { createLogger } from '@garam/telemetry/logger';
import { createMetrics } from '@garam/telemetry/meter';
import { effectiveConfig, garamConfig } from './config.ts';

const EXIT_CONFIG = 78;

/**
 * `garam provision`: topics and tables as they should be, before the first service starts or after an upgrade. Running
 * it again changes nothing. What only people may change (partitions, copies) is told, and is no failure.
 */
export async function runProvision(args: readonly string[], environment: Environment): Promise<number> {
  try {
    const config = effectiveConfig(loadConfig(garamConfig, { ...environment, ...given(args) }));
    const places = parseAdapterUrls({ log: config.GARAM_LOG, store: config.GARAM_STORE });
    const logger = createLogger({ service: 'provision', level: 'warn' });
    const deps = { clock: systemClock, logger, meter: createMetrics().meter };
    tell(await provisionLog(places.log, deps));
    tell(await provisionStore(places.store, deps));
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return error instanceof ConfigError ? EXIT_CONFIG : 1;
  }
}

/** @throws ConfigError */
function given(args: readonly string[]): Environment {
  try {
    const { values } = parseArgs({ args: [...args], options: { log: { type: 'string' }, store: { type: 'string' } } });
    return {
      ...(values.log === undefined ? {} : { GARAM_LOG: values.log }),
      ...(values.store === undefined ? {} : { GARAM_STORE: values.store }),
    };
  } catch (error) {
    throw new ConfigError([(error as Error).message]);
  }
}

function tell({ done, left }: ProvisionReport): void {
  for (const line of done) console.log(line);
  for (const line of left) console.log(`left as it is: ${line}`);
}
