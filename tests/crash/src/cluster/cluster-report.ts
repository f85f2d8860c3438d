import { violationLines } from '../report.ts';
import { describeFault } from './fault-plan.ts';
import type { ClusterCrashOptions, ClusterCrashResult } from './run-cluster-crash.ts';

const COMMAND = 'npm run crash -- --topology cluster';

/** The report of a run as Markdown: conditions, verdict, every fault, totals. */
export function clusterReport(
  options: Pick<ClusterCrashOptions, 'clients' | 'ratePerSecond' | 'seed' | 'counts' | 'faults' | 'required'>,
  machine: string,
  result: ClusterCrashResult,
): string {
  const { violations } = result;
  const counts = Object.entries(options.counts).map(([service, count]) => `${count} ${service}`);
  return [
    '# Faults on a cluster',
    '',
    `\`${COMMAND} ${argumentsOf(options)}\` wrote this page; tests/crash/README.md says what is checked.`,
    '',
    `**Conditions.** ${options.clients} people, ${options.ratePerSecond} commands/s wanted, for ${minutes(result.loadMs)};`,
    `${counts.join(', ')}; one Kafka broker (8 partitions), one Cassandra node, one Redis, sessions of consumer groups 6 s;`,
    `everything on one machine with the load and the checks: ${machine}. Times show that nothing hangs, not how fast it is.`,
    '',
    violations.length === 0
      ? '**Verdict: passed.** Nothing acknowledged was lost, doubled or reordered in histories, live views or the log; all consumers caught up by themselves.'
      : `**Verdict: FAILED**\n\n\`\`\`\n${violationLines(violations).join('\n')}\n\`\`\``,
    '',
    '## Totals',
    '',
    ...totals(result).map(([name, value]) => `- ${name}: ${value}`),
    '',
    '## Faults, in their order',
    '',
    'Under way: sends written and not acknowledged at some moment between begin and end (after a flush: until everybody was served again).',
    'Stall: longest time from the first writing of a send to its `ok`. Unseen: longest time an acknowledged message was missing on',
    "some member's screen. Served: from the fault's end until every earlier send was settled, every chat had a new `ok`, and all of",
    'that was on every screen. Caught up: from the same moment until all consumers had handled what was in the log then.',
    '',
    '| fault | under way | retries | unknown outcomes | refused for the moment | duplicates suppressed | longest stall | longest unseen | served again | consumers caught up |',
    '|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...result.faults.map(faultRow),
    '',
  ].join('\n');
}

function argumentsOf({ seed, clients, ratePerSecond, faults, required }: Parameters<typeof clusterReport>[0]): string {
  return `--seed ${seed} --clients ${clients} --rate ${ratePerSecond} --faults ${faults.length - required}`;
}

function totals({ faults, tally, final }: ClusterCrashResult): [string, string][] {
  const longest = (pick: (one: (typeof faults)[number]) => number): string => seconds(Math.max(0, ...faults.map(pick)));
  const duplicates = `${tally.duplicatesAfterUnknown} after an unknown outcome, ${tally.duplicatesPretended} where the client pretended not to have heard`;
  return [
    ['faults met', String(faults.length)],
    [
      'sends',
      `${tally.sends.length}; commands acknowledged ${tally.acked}, refused for ever, as they must be, ${tally.refused}`,
    ],
    [
      'retries',
      `${tally.retries}; unknown outcomes ${tally.unknownOutcomes}; refused for the moment ${tally.temporaryRefusals}`,
    ],
    ['duplicates suppressed', duplicates],
    ['reconnects', `${tally.reconnects}; repairs by sync ${tally.syncs}`],
    [
      'messages in all histories',
      `${final.messages}, compared for ${final.compared} members of chats, and through every gateway and api`,
    ],
    ['events in the log', `${final.events}; records that repeat one, byte for byte, ${final.repeats}`],
    ['longest stall of a send', longest(({ longestStallMs }) => longestStallMs)],
    ['longest until served again', longest(({ peopleMs }) => peopleMs)],
    ['longest until consumers caught up', longest(({ consumersMs }) => consumersMs)],
  ];
}

function faultRow(one: ClusterCrashResult['faults'][number]): string {
  const counts = [one.inFlight, one.retries, one.unknownOutcomes, one.temporaryRefusals, one.duplicates];
  const times = [one.longestStallMs, one.longestUnseenMs, one.peopleMs, one.consumersMs].map(seconds);
  return `| ${[describeFault(one.fault), ...counts, ...times].join(' | ')} |`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function minutes(ms: number): string {
  return `${(ms / 60_000).toFixed(1)} min`;
}
