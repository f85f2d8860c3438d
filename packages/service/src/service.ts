/** What every service offers to whoever runs it: its own main, or the all-in-one. */
export interface Service {
  readonly name: string;
  /** Resolves when the service is ready; rejects when it cannot become so within its deadline. */
  start(): Promise<void>;
  /** Stops taking new work and finishes what is under way, at most `graceMs`. */
  drain(graceMs: number): Promise<void>;
  /** Ends; idempotent. */
  stop(): Promise<void>;
  /** Whether the service can do its work now; the reason when not. */
  readiness(): Readiness;
}

/** `degraded`: it works, though something it stands on does not. */
export type Readiness = { ready: true; degraded?: string } | { ready: false; reason: string };
