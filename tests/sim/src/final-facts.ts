import type { EventRecord } from '@garam/contracts/event-record';
import type { CommandRecord } from '@garam/contracts/command-record';
import { decodeCommand } from '@garam/contracts/command-codec';
import { decodeEvent } from '@garam/contracts/event-codec';
import { decodeReply } from '@garam/contracts/reply-codec';
import type { ReplyRecord } from '@garam/contracts/reply-record';
import { TOPICS } from '@garam/contracts/topics';
import type { Cluster } from './cluster.ts';
import type { ReadRow } from './replicas.ts';

export interface LoggedCommand {
  command: CommandRecord;
  offset: number;
  timestamp: number;
}

/** What the log and the store say at the end. */
export interface FinalFacts {
  commands: readonly LoggedCommand[];
  /** All that was appended, in order, repetitions included. */
  events: readonly EventRecord[];
  replies: readonly ReplyRecord[];
  /** By chat, as any quorum of replicas reads it. */
  store: ReadonlyMap<string, StoredChat>;
}

export interface StoredChat {
  headRev: number;
  headSeq: number;
  messages: readonly ReadRow[];
  changes: readonly ReadRow[];
  /** By user. */
  roles: ReadonlyMap<string, unknown>;
}

export function factsOf({ broker, replicas }: Cluster): FinalFacts {
  const events = broker.records(TOPICS.events).map(({ value }) => decodeEvent(value)!);
  const store = new Map<string, StoredChat>();
  for (const chat of new Set(events.map((event) => event.chat))) {
    const head = replicas.peek('chat_head', chat, [1, 2]).get('');
    store.set(chat, {
      headRev: (head?.['rev'] as number | undefined) ?? 0,
      headSeq: (head?.['seq'] as number | undefined) ?? 0,
      messages: [...replicas.peek('messages', chat, [0, 2]).values()],
      changes: [...replicas.peek('changes', chat, [0, 1]).values()],
      roles: new Map([...replicas.peek('roster', chat, [1, 2])].map(([user, row]) => [user, row['role']])),
    });
  }
  return {
    commands: broker.records(TOPICS.commands).map(({ value, offset, timestamp }) => {
      return { command: decodeCommand(value)!, offset, timestamp };
    }),
    events,
    replies: broker.records(TOPICS.replies).map(({ value }) => decodeReply(value)!),
    store,
  };
}
