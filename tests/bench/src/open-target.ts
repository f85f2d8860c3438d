import { devTokens, signedTokens } from '@garam/tests-driver/dev-token';
import { findCluster, openCluster } from './cluster-target.ts';
import { openEmbedded } from './embedded-target.ts';
import type { BenchOptions } from './options.ts';
import type { Pinning } from './pin-cores.ts';
import type { Target } from './target.ts';

/** Starts a fresh server or cluster, or takes the one named by `--url` or `--cluster`. */
export async function openTarget(options: BenchOptions, pinning: Pinning): Promise<Target> {
  const { url, jwtSecret, topology, cluster } = options;
  if (cluster !== null) return findCluster(cluster);
  if (url === null) return topology === 'cluster' ? openCluster(options) : openEmbedded(options, pinning);
  const tokens = jwtSecret === null ? devTokens(url) : signedTokens(jwtSecret);
  return { urls: [url], metricsUrl: url, tokens, processes: [], log: null, facts: {}, close: async () => {} };
}
