import type { EventLog } from '@garam/eventlog/event-log';
import type { SavedChat, SequencerStore } from '@garam/store/sequencer-store';

/** The store's state cannot belong to this log: going on would skip commands in silence. */
export class ForeignLogError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ForeignLogError';
  }
}

export interface LoadChatDeps {
  store: SequencerStore;
  log: EventLog;
  topic: string;
  partition: number;
  /** Offset below which this assignment has already seen records. */
  seenEnd(): number;
}

export type LoadChat = (deps: LoadChatDeps, chat: string) => Promise<SavedChat | null>;

/**
 * The state last saved of a chat. Its commands at offsets ≤ `lastOffset` are in the event log already.
 * @throws ForeignLogError when the state names another log, or an offset this log has not reached (recreated,
 * mirrored, truncated).
 * @throws StoreError, LogError when they cannot be asked now.
 */
export const loadChat: LoadChat = async ({ store, log, topic, partition, seenEnd }, chat) => {
  const saved = await store.loadChat(chat);
  if (saved === null) return null;
  if (saved.logId !== log.id) {
    throw new ForeignLogError(`chat ${chat} was saved from log ${saved.logId}, this is ${log.id}`);
  }
  const { lastOffset } = saved.state;
  if (lastOffset < seenEnd()) return saved;
  const end = await log.end(topic, partition);
  if (lastOffset >= end) {
    throw new ForeignLogError(
      `chat ${chat} was saved as of offset ${lastOffset}, ${topic}/${partition} ends at ${end}`,
    );
  }
  return saved;
};
