import { devTokens, signedTokens } from '@garam/tests-driver/dev-token';
import type { TokenSource } from '@garam/tests-driver/dev-token';
import type { ServerProcess } from '@garam/tests-driver/process-usage';
import { findCluster, openCluster } from './cluster-target.ts';
import { openEmbedded } from './embedded-target.ts';
import type { BenchOptions } from './options.ts';
import type { Pinning } from './pin-cores.ts';

/** The Garam being measured. */
export interface Target {
  /** Gateways, in turn for those who connect. */
  urls: readonly string[];
  /** Where one of its processes serves `/metrics`. */
  metricsUrl: string;
  tokens: TokenSource;
  /** Empty when it was not started here: then its CPU and memory are unknown. */
  processes: readonly ServerProcess[];
  /** Address of the Kafka behind it, when it was started here. */
  log: string | null;
  /** What belongs to the conditions and only this kind of target knows. */
  facts: Record<string, string>;
  close(): Promise<void>;
}

/** Limits are raised, because one driver stands for many users on one address. */
export const SERVER_ENVIRONMENT = { GARAM_LIMITS: 'off', GARAM_GROUP_MAX: '2000' };

/** Starts a fresh server or cluster, or takes the one named by `--url` or `--cluster`. */
export async function openTarget(options: BenchOptions, pinning: Pinning): Promise<Target> {
  const { url, jwtSecret, topology, cluster } = options;
  if (cluster !== null) return findCluster(cluster);
  if (url === null) return topology === 'cluster' ? openCluster(options) : openEmbedded(options, pinning);
  const tokens = jwtSecret === null ? devTokens(url) : signedTokens(jwtSecret);
  return { urls: [url], metricsUrl: url, tokens, processes: [], log: null, facts: {}, close: async () => {} };
}
