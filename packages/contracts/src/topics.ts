/** The topics of the log. All have the same number of partitions; a chat is in the same partition of each. */
export const TOPICS = {
  commands: 'garam.chat.commands.v1',
  events: 'garam.chat.events.v1',
  replies: 'garam.chat.replies.v1',
  receipts: 'garam.chat.receipts.v1',
} as const;

export type Topic = (typeof TOPICS)[keyof typeof TOPICS];

/** Where records go that a consumer group can never process. */
export function deadLetterTopic(topic: string, group: string): string {
  return `${topic}.${group}.dlq`;
}

/** Consumer groups by service. */
export const GROUPS = {
  sequencer: 'sequencer',
  persister: 'persister',
  fanout: 'fanout',
  receipts: 'receipts',
} as const;
