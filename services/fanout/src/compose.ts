import { composeProcess } from '@garam/adapters/compose-process';
import { loadConfig, type Environment } from '@garam/service/load-config';
import type { ServiceProcess } from '@garam/service/run-service';
import { fanoutConfig, fanoutOptions } from './config.ts';
import { createFanout } from './fanout.ts';

/** The fanout as a process of its own. */
export async function compose(environment: Environment): Promise<ServiceProcess> {
  const config = loadConfig(fanoutConfig, environment);
  return composeProcess('fanout', config, {
    urls: { log: config.GARAM_LOG, bus: config.GARAM_BUS },
    create: (deps) => createFanout(deps, fanoutOptions(config)),
  });
}
