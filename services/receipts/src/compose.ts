import { composeProcess } from '@garam/adapters/compose-process';
import { loadConfig, type Environment } from '@garam/service/load-config';
import type { ServiceProcess } from '@garam/service/run-service';
import { receiptsConfig, receiptsOptions } from './config.ts';
import { createReceipts } from './receipts.ts';

/** The receipts as a process of its own. */
export async function compose(environment: Environment): Promise<ServiceProcess> {
  const config = loadConfig(receiptsConfig, environment);
  return composeProcess('receipts', config, {
    urls: { log: config.GARAM_LOG, store: config.GARAM_STORE, bus: config.GARAM_BUS },
    create: (deps) => createReceipts(deps, receiptsOptions(config)),
  });
}
