import type { LatencySummary } from '@garam/tests-driver/histogram';
import type { BarVerdict } from './judge.ts';
import type { LoadResult } from './open-loop.ts';
import type { IdleResult } from './run-idle.ts';
import type { TwoHopResult } from './log/run-two-hops.ts';
import type { SearchResult } from './search-rate.ts';
import type { ProcessFigures } from './server-usage.ts';
import type { Hops } from './log/trace-hops.ts';

/** One finished run with what was wanted of it. */
export interface Finding {
  title: string;
  verdicts: BarVerdict[];
  warmUpSeconds?: number;
  measuredSeconds?: number;
  load?: LoadResult;
  idle?: IdleResult;
  search?: SearchResult;
  hops?: Hops | null;
  twoHops?: TwoHopResult;
}

/** The table of all message runs. */
export function loadTable(findings: readonly Finding[]): string[] {
  const rows = findings.flatMap((finding) => {
    const load = finding.load ?? finding.search?.overload;
    return load === undefined || load === null ? [] : [loadRow(finding.title, load)];
  });
  return rows.length === 0 ? [] : align([HEADINGS, ...rows]);
}

/** One line for each bar. */
export function verdictLines(finding: Finding): string[] {
  const lines = finding.verdicts.map(
    ({ bar, measured, verdict }) => `  ${MARKS[verdict].padEnd(8)} ${bar}: ${measured}`,
  );
  if (finding.load?.driver.saturated === true || finding.search?.overload?.driver.saturated === true) {
    lines.push('  driver saturated: the figures above are about the driver, not about the server');
  }
  if (finding.search?.driverLimited === true && finding.search.healthyRate > 0) {
    lines.push('  driver saturated before the server: the highest healthy rate is at least the one found');
  }
  const others = (finding.load ?? finding.search?.overload)?.othersCpuShare ?? 0;
  if (others > OTHERS_CPU_SHARE_MAX) {
    lines.push(`  disturbed: other processes took ${(others * 100).toFixed(0)} % of a core meanwhile`);
  }
  const refusals = (finding.load ?? finding.search?.overload)?.refusals ?? {};
  for (const [kind, count] of Object.entries(refusals)) lines.push(`           refused with ${kind}: ${count}`);
  return [finding.title, ...lines];
}

/** Who used which part of the processors: shows what the next bottleneck is. */
export function processLines({ load, search }: Finding): string[] {
  const run = load ?? search?.overload;
  if (run === undefined || run === null || run.processes.length < 2) return [];
  const driverUs = (run.driver.cpuShare * 1e6) / Math.max(1, run.acceptedPerSecond);
  const driver = { name: 'driver', cpuUsPerMessage: driverUs, cpuShare: run.driver.cpuShare, rssBytes: null };
  const rows = [...run.processes, driver].map(({ name, cpuUsPerMessage, cpuShare, rssBytes }) => [
    name,
    cpuUsPerMessage.toFixed(0),
    `${(cpuShare * 100).toFixed(0)} %`,
    rssBytes === null ? '–' : megabytes(rssBytes),
  ]);
  return align([['process', 'CPU µs/msg', 'of a core', 'RSS MB'], ...rows]);
}

/** Where the time of an answer goes, and what the log alone takes for the same messages. */
export function hopLines({ load, hops, twoHops }: Finding): string[] {
  if (load === undefined) return [];
  const rows: [string, LatencySummary][] = [];
  if (hops) {
    rows.push(['send → command in the log', hops.toCommand]);
    rows.push(['command → event in the log', hops.toEvent]);
    rows.push(['event in the log → answer', hops.toAnswer]);
  }
  rows.push(['send → answer', load.ack]);
  if (twoHops !== undefined) {
    rows.push(['bare log, first append', twoHops.firstAck]);
    rows.push(['bare log, two hops', twoHops.twoHops]);
  }
  const cells = rows.map(([name, { meanMs, p50Ms, p99Ms }]) =>
    [name].concat([meanMs, p50Ms, p99Ms].map((ms) => ms.toFixed(2))),
  );
  const lines = align([['where the time goes, ms', 'mean', 'p50', 'p99'], ...cells]);
  if (twoHops !== undefined) {
    const ratio = (of: 'p50Ms' | 'p99Ms'): string => (load.ack[of] / twoHops.twoHops[of]).toFixed(1);
    lines.push(
      `send → answer takes ${ratio('p50Ms')} × the p50 and ${ratio('p99Ms')} × the p99 of two hops of the bare log`,
    );
    lines.push(
      `the bare log's process used ${twoHops.cpuUsPerMessage.toFixed(0)} µs CPU a message, lost ${twoHops.lost}`,
    );
  }
  return lines;
}

export function idleLines(idle: IdleResult): string[] {
  const steps = idle.steps.map(({ connections, rssBytes }) => `${connections}: ${megabytes(rssBytes)}`).join(' · ');
  return [
    `${idle.connections} idle connections, opened at ${idle.openPerSecond.toFixed(0)}/s`,
    steps === '' ? '  server memory not measured: the server was not started here' : `  RSS in MB at ${steps}`,
  ];
}

const OTHERS_CPU_SHARE_MAX = 0.1;

const MARKS = { met: 'met', missed: 'MISSED', unknown: 'unknown', invalid: 'INVALID' } as const;

const HEADINGS = [
  'run',
  'offered/s',
  'accepted/s',
  'refused/s',
  'delivered/s',
  'lost',
  'dup',
  'reord',
  'ack p50',
  'p99',
  'max ms',
  'deliver p50',
  'p99',
  'max ms',
  'CPU µs/msg',
  'RSS MB',
  'driver CPU',
  'lag p99 ms',
  'others CPU',
  'steal',
];

function loadRow(title: string, load: LoadResult): string[] {
  const { processes } = load;
  const sum = (of: (each: ProcessFigures) => number): number => processes.reduce((total, each) => total + of(each), 0);
  const cpu = processes.length === 0 ? '–' : sum((each) => each.cpuUsPerMessage).toFixed(0);
  const rss = processes.length === 0 ? '–' : megabytes(sum((each) => each.rssBytes));
  return [
    title,
    load.offeredPerSecond.toFixed(0),
    load.acceptedPerSecond.toFixed(0),
    load.refusedPerSecond.toFixed(0),
    load.deliveredPerSecond.toFixed(0),
    String(load.lost),
    String(load.duplicated),
    String(load.reordered),
    ...[load.ack, load.deliver].flatMap(({ p50Ms, p99Ms, maxMs }) => [p50Ms, p99Ms, maxMs].map((ms) => ms.toFixed(2))),
    cpu,
    rss,
    `${(load.driver.cpuShare * 100).toFixed(0)} %`,
    load.driver.lagP99Ms.toFixed(2),
    load.othersCpuShare === null ? '–' : `${(load.othersCpuShare * 100).toFixed(0)} %`,
    `${(load.stealShare * 100).toFixed(0)} %`,
  ];
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

function align(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
  );
}
