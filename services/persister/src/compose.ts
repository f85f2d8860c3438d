import { composeProcess } from '@garam/adapters/compose-process';
import { loadConfig, type Environment } from '@garam/service/load-config';
import type { ServiceProcess } from '@garam/service/run-service';
import { persisterConfig, persisterOptions } from './config.ts';
import { createPersister } from './persister.ts';

/** The persister as a process of its own. */
export async function compose(environment: Environment): Promise<ServiceProcess> {
  const config = loadConfig(persisterConfig, environment);
  return composeProcess('persister', config, {
    urls: { log: config.GARAM_LOG, store: config.GARAM_STORE },
    create: (deps) => createPersister(deps, persisterOptions(config)),
  });
}
