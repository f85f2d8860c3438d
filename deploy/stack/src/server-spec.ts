/** One server process of the stack, ready to be started. */
export interface ServerSpec {
  /** Unique in the stack: `kafka-0`. */
  name: string;
  command: string;
  args: string[];
  environment?: Record<string, string>;
  /** The server's own folder below the stack's data folder. */
  folder: string;
  /** host:port clients use. */
  address: string;
  /** Resolves to true once it serves. */
  isReady(): Promise<boolean>;
}
