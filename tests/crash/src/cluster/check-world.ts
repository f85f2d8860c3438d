import { until } from '@garam/tests-driver/deadline';
import { checkEvidence } from '../check-evidence.ts';
import { collectEvidence } from '../collect-evidence.ts';
import type { MemberEvidence, Violation } from '../evidence.ts';
import { quiesce } from '../quiesce.ts';
import { checkLog } from './check-log.ts';
import type { ClusterWorld } from './cluster-world.ts';
import { compareEdges } from './compare-edges.ts';
import { lagsBelow, topicEnds } from './consumer-lags.ts';
import type { KafkaReader } from './kafka-reader.ts';
import { readEvents } from './read-events.ts';

/** What everybody sees at last, and what is wrong with it. */
export interface FinalState {
  violations: Violation[];
  /** Messages in all chats, (chat, member) pairs compared, events of the log and records that repeat one. */
  messages: number;
  compared: number;
  events: number;
  repeats: number;
  evidence: MemberEvidence[];
}

const SETTLED_MS = 120_000;
const ARRIVED_MS = 60_000;
const LAGS_MS = 60_000;

/**
 * No more load, no more faults, and nobody helps: every send settles, live views and consumers reach the end. Then
 * history through every edge, sync, live views and the log itself are held against what was acknowledged.
 */
export async function checkWorld(world: ClusterWorld, reader: KafkaReader): Promise<FinalState> {
  const { cluster, tokens, chats, clients, tally } = world;
  await quiesce(world, { settledMs: SETTLED_MS, arrivedMs: ARRIVED_MS });
  const violations = [...tally.violations, ...(await remainingLags(reader)), ...endedAlone(world)];
  const evidence = await collectEvidence(cluster.gateways(), tokens, chats, clients);
  violations.push(...checkEvidence(tally.sends, evidence), ...(await compareEdges(cluster, tokens, evidence)));
  const heads = new Map(evidence.map(({ chat, head }) => [chat, head]));
  const log = checkLog(await readEvents(reader), tally.sends, heads);
  violations.push(...log.violations, ...(await deadLetters(reader)));
  const messages = [...heads.values()].reduce((sum, { seq }) => sum + seq, 0);
  return { violations, messages, compared: evidence.length, events: log.events, repeats: log.repeats, evidence };
}

/** Services that ended although nobody told them to. */
export function endedAlone({ cluster }: Pick<ClusterWorld, 'cluster'>): Violation[] {
  return cluster.processes
    .filter(({ name }) => cluster.pid(name) === undefined)
    .map(({ name }) => ({ rule: 'ended by itself', detail: name }));
}

async function remainingLags(reader: KafkaReader): Promise<Violation[]> {
  let lags: string[] = [];
  const none = async (): Promise<boolean> => {
    lags = await lagsBelow(reader, await topicEnds(reader));
    return lags.length === 0;
  };
  await until(none, LAGS_MS, 'all lags zero', 250).catch(() => undefined);
  return lags.map((detail) => ({ rule: 'a consumer stays behind', detail }));
}

/** Every record was made by the product, so none may be one that a consumer cannot handle. */
async function deadLetters(reader: KafkaReader): Promise<Violation[]> {
  const violations: Violation[] = [];
  for (const topic of (await reader.topics()).filter((name) => name.endsWith('.dlq'))) {
    const count = [...(await reader.ends(topic)).values()].reduce((sum, end) => sum + end, 0n);
    if (count > 0n) violations.push({ rule: 'dead letters', detail: `${count} in ${topic}` });
  }
  return violations;
}
