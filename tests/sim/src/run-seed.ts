import { decodeEvent } from '@garam/contracts/event-codec';
import { TOPICS } from '@garam/contracts/topics';
import { checkViews, checkStore } from './check-end.ts';
import { checkAnswers } from './check-answers.ts';
import { checkLatency } from './check-latency.ts';
import { checkLog } from './check-log.ts';
import { checkSights } from './check-sights.ts';
import { checkWishes } from './check-wishes.ts';
import { currentStay, historiesOf, type ChatHistory } from './chat-history.ts';
import { Cluster, type Sabotage } from './cluster.ts';
import { createEvidence, type Evidence, type Wish } from './evidence.ts';
import { heal, planFaults } from './fault-plan.ts';
import { factsOf } from './final-facts.ts';
import { antiEntropyOf, type Profile } from './profiles.ts';
import { foldCommands } from './reference-fold.ts';
import { faultCount, type Stats } from './stats.ts';
import { createWorkload, type Workload } from './workload.ts';
import { createWorld, type Problem, type World, type WorldOptions } from './world.ts';

export interface SeedResult {
  seed: number;
  problems: readonly Problem[];
  stats: Stats;
  faults: number;
  /** Of the simulation. */
  lastedMs: number;
  steps: number;
}

/** After the last fault everything must be well again within this, ms of simulated time, requests that are late apart. */
const HEALS_WITHIN_MS = 240_000;
/** Leases are renewed in this time: then every lost route is back, ms. */
const LEASES_RENEWED_MS = 25_000;
/** With nothing wrong an event arrives within this, ms. */
const PROBE_ARRIVES_WITHIN_MS = 2_500;

/** One run: people and faults for a while, then healing, quiescence, one more message everywhere, and all checks. */
export async function runSeed(
  seed: number,
  profile: Profile,
  { sabotage = {}, ...options }: WorldOptions & { sabotage?: Sabotage } = {},
): Promise<SeedResult> {
  // Thousands of injected errors: their stacks are worth their price only to a reader of the trace.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = options.onTrace === undefined ? 0 : 10;
  try {
    return await runWorld(createWorld(seed, profile, options), sabotage);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

async function runWorld(world: World, sabotage: Sabotage): Promise<SeedResult> {
  const cluster = new Cluster(world, sabotage);
  const evidence = createEvidence();
  const workload = createWorkload(world, cluster, evidence);
  planFaults(world, cluster, workload);
  planQuiet(world, workload);
  await runFor(world, workload.endMs + 2_000);
  heal(world, cluster, workload);
  if (await settles(world, cluster, workload)) await probe(world, cluster, workload);
  for (const client of workload.clients) evidence.views.push(...client.views());
  checkAll(world, cluster, { evidence, workload });
  const { problems, stats, scheduler } = world;
  return {
    seed: world.seed,
    problems,
    stats,
    faults: faultCount(stats),
    lastedMs: scheduler.nowMs,
    steps: scheduler.steps,
  };
}

async function runFor(world: World, durationMs: number): Promise<void> {
  let isOver = false;
  world.scheduler.schedule(durationMs, () => {
    isOver = true;
  });
  await world.scheduler.run(() => isOver);
}

/** In long gaps periodic work slows down: that saves most of the time of a run. */
function planQuiet(world: World, { bursts, endMs }: Workload): void {
  const set = (atMs: number, isQuiet: boolean) =>
    void world.scheduler.schedule(atMs, () => {
      world.isQuiet = isQuiet;
    });
  bursts.forEach(({ untilMs }, index) => {
    const next = bursts[index + 1];
    if (next === undefined || next.fromMs - untilMs < 12_000) return;
    set(untilMs + 6_000, true);
    set(next.fromMs - 2_000, false);
  });
  set(endMs + 15_000, true);
}

/** Runs until everything accepted is everywhere; what is missing when the time is over is a breach of I10. */
async function settles(world: World, cluster: Cluster, workload: Workload): Promise<boolean> {
  let deadlineMs = world.scheduler.nowMs + HEALS_WITHIN_MS;
  // What is left to the periodic comparison (a join given up, a single lost publish) may take until then.
  await runFor(world, Math.max(LEASES_RENEWED_MS, 1.5 * antiEntropyOf(world.profile)));
  for (;;) {
    await runFor(world, 500);
    const missing = whatIsMissing(cluster, workload);
    if (world.inTransit > 0) deadlineMs = Math.max(deadlineMs, world.scheduler.nowMs + 120_000);
    else if (missing === undefined) return true;
    if (world.scheduler.nowMs < deadlineMs) continue;
    world.problem('I10', `not settled: ${missing}`);
    return false;
  }
}

function whatIsMissing({ broker, replicas }: Cluster, { clients, caller }: Workload): string | undefined {
  for (const client of clients) {
    if (!client.isConnected) return `${client.name} is not connected`;
    if (!client.isIdle) return `${client.name} has unanswered commands`;
  }
  if (!caller.isIdle) return 'HTTP calls are unanswered';
  for (const group of broker.groups) {
    for (const topic of group.topics) {
      const lag = broker.records(topic).length - group.committed(topic);
      if (lag !== 0) return `${group.name} lags ${lag} behind in ${topic}`;
    }
  }
  for (const history of currentHistories(broker).values()) {
    const { chat, events } = history;
    const stored = replicas.peek('chat_head', chat).get('')?.['rev'];
    if (stored !== events.length) return `the store has ${chat} up to ${String(stored)} of ${events.length}`;
    for (const client of clients) {
      const isMember = currentStay(history, client.user) !== undefined;
      const view = client.chats.get(chat);
      if (isMember && (view?.isReady !== true || view.last !== events.length)) {
        return `${client.name} has ${chat.slice(0, 6)} up to ${view?.last} of ${events.length}`;
      }
      if (!isMember && view?.isReady === true) return `${client.name} still has ${chat.slice(0, 6)}`;
    }
  }
  return undefined;
}

function currentHistories(broker: Cluster['broker']): Map<string, ChatHistory> {
  return historiesOf(factsOfEvents(broker)).histories;
}

function factsOfEvents(broker: Cluster['broker']) {
  return broker.records(TOPICS.events).flatMap(({ value }) => decodeEvent(value) ?? []);
}

/** One message in every chat, with everything well: it must be with all members soon. */
async function probe(world: World, cluster: Cluster, workload: Workload): Promise<void> {
  const probes: Wish[] = [];
  for (const history of currentHistories(cluster.broker).values()) {
    const member = workload.clients.find(({ user }) => currentStay(history, user) !== undefined);
    if (member !== undefined) probes.push(workload.send(member, history.chat, 'probe'));
  }
  // A gateway that limits rates takes it later.
  for (let waits = 0; waits < 30 && probes.some(({ state }) => state !== 'accepted'); waits++) await runFor(world, 500);
  await runFor(world, PROBE_ARRIVES_WITHIN_MS);
  const missing = whatIsMissing(cluster, workload);
  if (missing !== undefined) world.problem('latency', `after ${PROBE_ARRIVES_WITHIN_MS} ms with all well: ${missing}`);
}

function checkAll(
  world: World,
  cluster: Cluster,
  { evidence, workload }: { evidence: Evidence; workload: Workload },
): void {
  const facts = factsOf(cluster);
  const onProblem = (invariant: Problem['invariant'], text: string) => world.problem(invariant, text);
  const { histories, repeated } = historiesOf(facts.events, onProblem);
  const rulings = foldCommands(facts.commands);
  checkLog(facts, rulings, { histories, onProblem });
  checkWishes(evidence.wishes, { histories, rulings }, onProblem);
  checkSights(evidence, histories, onProblem);
  checkStore(facts.store, histories, onProblem);
  const clients = workload.clients
    .filter(({ isConnected }) => isConnected)
    .map(({ user, name }) => ({ user, client: name }));
  checkViews(evidence.views, histories, { clients, onProblem });
  checkLatency(world, evidence.seen, { appendedAt: cluster.broker.appendedAt, onProblem });
  if (world.profile.answersFirstTime === true) checkAnswers(evidence.wishes, onProblem);
  const sends = evidence.wishes.filter(({ type }) => type === 'message.send');
  world.stats.events = [...histories.values()].reduce((sum, { events }) => sum + events.length, 0);
  world.stats.sendsAcknowledged = sends.filter(({ state }) => state === 'accepted').length;
  world.stats.sendsRefused = sends.filter(({ state }) => state === 'failed').length;
  world.stats.repeatedEvents = repeated;
}
