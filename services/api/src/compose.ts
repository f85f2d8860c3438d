import { composeProcess } from '@garam/adapters/compose-process';
import { createVerifier } from '@garam/auth/verifier';
import { createIntake } from '@garam/intake/create-intake';
import { ConfigError, loadConfig, type Environment } from '@garam/service/load-config';
import type { ServiceProcess } from '@garam/service/run-service';
import { createViews } from '@garam/views/create-views';
import { createApi } from './api.ts';
import { apiConfig, apiOptions, intakeOptions, verifierOptions } from './config.ts';

/** The api as a process of its own. */
export async function compose(environment: Environment): Promise<ServiceProcess> {
  const config = loadConfig(apiConfig, environment);
  const verifying = verifierOptions(config);
  if (verifying === undefined) throw new ConfigError(['GARAM_JWT_SECRET or GARAM_JWKS_URL: one of them is required']);
  return composeProcess('api', config, {
    urls: { log: config.GARAM_LOG, store: config.GARAM_STORE, bus: config.GARAM_BUS },
    create(deps) {
      const { log, store, bus, clock, meter, instance } = deps;
      const sources = { reads: store.reads, users: store.users, recent: bus.recent, clock };
      const intake = createIntake({ ...sources, log, meter }, { ...intakeOptions(config), origin: instance });
      const views = createViews(sources, { bigChat: config.GARAM_BIG_CHAT });
      const verifier = createVerifier({ clock }, verifying);
      return createApi({ ...deps, intake, views, verifier }, apiOptions(config));
    },
  });
}
