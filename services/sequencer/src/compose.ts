import { composeProcess } from '@garam/adapters/compose-process';
import { loadConfig, type Environment } from '@garam/service/load-config';
import type { ServiceProcess } from '@garam/service/run-service';
import { sequencerConfig, sequencerOptions } from './config.ts';
import { createSequencer } from './sequencer.ts';

/** The sequencer as a process of its own. */
export async function compose(environment: Environment): Promise<ServiceProcess> {
  const config = loadConfig(sequencerConfig, environment);
  return composeProcess('sequencer', config, {
    urls: { log: config.GARAM_LOG, store: config.GARAM_STORE },
    create: (deps) => createSequencer(deps, sequencerOptions(config)),
  });
}
