import type { TokenSource } from '@garam/tests-driver/dev-token';
import type { ServerProcess } from '@garam/tests-driver/process-usage';

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
