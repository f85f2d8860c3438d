import { TOPICS } from '@garam/contracts/topics';
import { LogError, type DurabilityClass } from '@garam/eventlog/event-log';
import { createHash } from 'node:crypto';
import type { Cluster } from '../cluster/cluster.ts';
import { readSettings } from './topic-admin.ts';

export interface LogDescription {
  id: string;
  partitions: number;
  durability: DurabilityClass;
}

/** The topics whose data are the log: when one of them is made anew, positions and cursors mean nothing any more. */
const IDENTITY = [TOPICS.commands, TOPICS.events];

/**
 * Reads from the topics what the log is. Its id comes from the cluster's id and the ids the cluster gave to the topics
 * of commands and events when they were created: it changes with them, and nothing has to be stored for it.
 * @throws LogError when topics are missing or do not fit together; KafkaError
 */
export async function describeLog(cluster: Cluster): Promise<LogDescription> {
  const names = Object.values(TOPICS);
  await cluster.refresh(names);
  const topics = names.map((name) => {
    const topic = cluster.topic(name);
    if (topic === undefined) throw new LogError('unavailable', `topic ${name} is not there: provision the topics`);
    return topic;
  });
  const partitions = topics[0]!.partitions.length;
  const other = topics.find((topic) => topic.partitions.length !== partitions);
  if (other !== undefined) {
    throw new LogError('unavailable', `${other.name} has ${other.partitions.length} partitions, others ${partitions}`);
  }
  const settings = await readSettings(cluster, names);
  const untimed = names.find((name) => settings.get(name)?.['message.timestamp.type'] !== 'LogAppendTime');
  if (untimed !== undefined) throw new LogError('unavailable', `${untimed} does not use LogAppendTime`);
  const copies = Math.min(...topics.flatMap((topic) => topic.partitions.map(({ replicas }) => replicas.length)));
  const inSync = Math.min(...names.map((name) => Number(settings.get(name)?.['min.insync.replicas'])));
  const hash = createHash('sha256').update(cluster.clusterId);
  for (const name of IDENTITY) hash.update(`\n${name} ${cluster.topic(name)!.id}`);
  return {
    id: hash.digest('base64url').slice(0, 22),
    partitions,
    // Kafka acknowledges from memory: one copy survives a crash of the process, not of the machine.
    durability: Math.min(copies, inSync) >= 2 ? 'replicated' : 'process_crash',
  };
}
