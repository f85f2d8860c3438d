import type { StackOptions } from '@garam/stack/stack-options';

export const SERVICES = ['gateway', 'api', 'sequencer', 'persister', 'fanout', 'receipts'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** Gateways and apis with settings of their own, beside the ordinary ones. */
export interface EdgeGroup {
  /** Part of the names of its processes: `strict` → `gateway-strict-0`. */
  label: string;
  gateways: number;
  apis: number;
  environment: Record<string, string>;
}

export interface ClusterOptions {
  /** Processes of each service. */
  counts: Record<ServiceName, number>;
  edges: readonly EdgeGroup[];
  /** Kafka, Cassandra and Redis nodes, and the partitions of the log. */
  servers: Pick<StackOptions, 'kafka' | 'cassandra' | 'redis' | 'partitions' | 'cacheFolder'>;
  /** Everything is below it: servers, and a folder with `server.log` for each process. */
  dataFolder: string;
  /** First of 400 ports; free ones when left out. */
  portBase?: number;
  /** Secret of the tokens; a new one when left out. */
  jwtSecret?: string;
  /** Settings of all services, on top of what the cluster needs. */
  environment: Record<string, string>;
  /** Everything goes on when the process that started it ends. Default: it ends too. */
  outlivesStarter?: boolean;
}
