import { composeProcess } from '@garam/adapters/compose-process';
import { createVerifier } from '@garam/auth/verifier';
import type { Clock } from '@garam/runtime/clock';
import { ConfigError, loadConfig, type Environment } from '@garam/service/load-config';
import type { ServiceProcess } from '@garam/service/run-service';
import type { Transport } from '@garam/transport/transport';
import { createUwsTransport } from '@garam/transport-uws/create-uws-transport';
import { loadUws } from '@garam/transport-uws/load-uws';
import { createWsTransport } from '@garam/transport-ws/ws-transport';
import { gatewayConfig, gatewayOptions, verifierOptions, type GatewayConfig } from './config.ts';
import { createGateway } from './gateway.ts';

/** The gateway as a process of its own. */
export async function compose(environment: Environment): Promise<ServiceProcess> {
  const config = loadConfig(gatewayConfig, environment);
  const verifying = verifierOptions(config);
  if (verifying === undefined) throw new ConfigError(['GARAM_JWT_SECRET or GARAM_JWKS_URL: one of them is required']);
  const options = gatewayOptions(config);
  const createTransport = await chooseTransport(config, options.limits.frameBytes);
  return composeProcess('gateway', config, {
    urls: { log: config.GARAM_LOG, store: config.GARAM_STORE, bus: config.GARAM_BUS },
    create(deps) {
      const { clock } = deps;
      const transport = createTransport(clock);
      return createGateway({ ...deps, transport, verifier: createVerifier({ clock }, verifying) }, options);
    },
  });
}

/** How the transport is made that the configuration names; uWebSockets.js is loaded for those alone who ask for it. */
async function chooseTransport(config: GatewayConfig, frameBytes: number): Promise<(clock: Clock) => Transport> {
  const options = { host: config.GARAM_GATEWAY_HOST, port: config.GARAM_GATEWAY_PORT, frameBytes };
  if (config.GARAM_TRANSPORT === 'ws') return (clock) => createWsTransport({ clock }, options);
  const uws = await loadUws(config.GARAM_UWS_MODULE).catch((error: Error) => {
    throw new ConfigError([`GARAM_TRANSPORT=uws: ${error.message}`]);
  });
  return (clock) => createUwsTransport({ clock, uws }, options);
}
