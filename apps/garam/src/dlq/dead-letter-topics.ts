import { deadLetterTopic, GROUPS, TOPICS } from '@garam/contracts/topics';
import type { EventLog } from '@garam/eventlog/event-log';

/** Where a group's dead letters of one topic are. */
export interface DeadLetterTopic {
  name: string;
  /** Topic they were read from. */
  topic: string;
  group: string;
}

const SUFFIX = '.dlq';

/** Dead-letter topics that exist, those of other consumers of the log too, by name. */
export async function findDeadLetterTopics(
  log: EventLog,
  wanted: { topic?: string | undefined; group?: string | undefined },
): Promise<DeadLetterTopic[]> {
  const names = (await log.topics()).filter((name) => name.endsWith(SUFFIX));
  return names
    .toSorted()
    .map(parse)
    .filter(({ name, topic }) => wanted.topic === undefined || wanted.topic === topic || wanted.topic === name)
    .filter(({ group }) => wanted.group === undefined || wanted.group === group);
}

/** Groups may have dots in their names, so the topics and groups of Garam itself are tried first. */
function parse(name: string): DeadLetterTopic {
  for (const topic of Object.values(TOPICS)) {
    for (const group of Object.values(GROUPS))
      if (deadLetterTopic(topic, group) === name) return { name, topic, group };
  }
  const owned = Object.values(TOPICS).find((topic) => name.startsWith(`${topic}.`));
  const rest = name.slice(0, -SUFFIX.length);
  const cut = owned === undefined ? rest.lastIndexOf('.') : owned.length;
  return { name, topic: rest.slice(0, Math.max(0, cut)), group: rest.slice(cut + 1) };
}
