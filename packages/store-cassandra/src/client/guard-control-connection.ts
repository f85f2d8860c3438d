import type { Clock } from '@garam/runtime/clock';

/** The part of the driver's control connection that looks for another node when it has lost its own. */
export interface ControlConnection {
  _refresh(nodesLeft?: unknown): Promise<void>;
}

export interface GuardOptions {
  clock: Clock;
  /** Until a look that ended badly is repeated, ms. */
  retryMs: number;
  onError(error: unknown): void;
}

/**
 * In cassandra-driver 4.8 a timer and a lost connection may each start a look for a node while one is under way. The two
 * take the connection from each other, and the one that then finds none rejects where nobody listens: an unreachable
 * Cassandra would end our process. Here only one is under way at a time, and a rejection leads to another look.
 */
export function guardControlConnection(control: ControlConnection, { clock, retryMs, onError }: GuardOptions): void {
  const refresh = control._refresh.bind(control);
  let running: Promise<void> | undefined;

  const refreshAlone = async (): Promise<void> => {
    try {
      await refresh();
    } catch (error) {
      onError(error);
      clock.after(retryMs, () => void control._refresh());
    } finally {
      running = undefined;
    }
  };
  // With an argument it is a step of the look that is under way.
  control._refresh = (nodesLeft) => (nodesLeft === undefined ? (running ??= refreshAlone()) : refresh(nodesLeft));
}
