/** What happened in a run, to show that it met what it was made for. */
export interface Stats {
  /** Injected faults by kind. */
  faults: Record<string, number>;
  events: number;
  sendsAcknowledged: number;
  sendsRefused: number;
  duplicatesAnswered: number;
  /** Decisions of owners whose partition had been given to another. */
  zombieAppends: number;
  zombieCommits: number;
  /** Commands an owner skipped because a saved state covered them. */
  replaysSkipped: number;
  /** Events that stand in the log more than once. */
  repeatedEvents: number;
  /** `behind` and `reset`. */
  catchUps: number;
  pushes: number;
  /** Holes that gates had to read again. */
  gateRepairs: number;
  /** What only the periodic comparison found. */
  healed: number;
  historyReads: number;
  readRepairs: number;
}

export function createStats(): Stats {
  return {
    faults: {},
    events: 0,
    sendsAcknowledged: 0,
    sendsRefused: 0,
    duplicatesAnswered: 0,
    zombieAppends: 0,
    zombieCommits: 0,
    replaysSkipped: 0,
    repeatedEvents: 0,
    catchUps: 0,
    pushes: 0,
    gateRepairs: 0,
    healed: 0,
    historyReads: 0,
    readRepairs: 0,
  };
}

export function faultCount(stats: Stats): number {
  return Object.values(stats.faults).reduce((sum, count) => sum + count, 0);
}

/** Adds `more` to `total`. */
export function addStats(total: Stats, more: Stats): void {
  for (const [kind, count] of Object.entries(more.faults)) total.faults[kind] = (total.faults[kind] ?? 0) + count;
  for (const key of Object.keys(more) as (keyof Stats)[]) {
    if (key !== 'faults') total[key] += more[key];
  }
}
