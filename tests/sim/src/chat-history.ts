import type { EventRecord } from '@garam/contracts/event-record';
import { canonicalJson } from '@garam/domain/canonical-json';
import type { Problem } from './world.ts';

/** When somebody was in a chat: what lies between is theirs to see. */
export interface Stay {
  /** First rev and first seq to be seen. */
  fromRev: number;
  fromSeq: number;
  /** Rev of the removal, which is seen; Infinity: still there. */
  throughRev: number;
}

export interface HistoryMessage {
  seq: number;
  rev: number;
  by: string;
  clientId: string;
  /** As sent, and after each edit. */
  texts: string[];
  isDeleted: boolean;
}

/** One chat as the log of events tells it, each rev once. */
export interface ChatHistory {
  chat: string;
  events: readonly EventRecord[];
  messages: readonly HistoryMessage[];
  stays: ReadonlyMap<string, readonly Stay[]>;
}

/** What a consumer with "skip rev ≤ last" makes of the log; holes and contradictions are problems. */
export function historiesOf(
  log: readonly EventRecord[],
  onProblem?: (invariant: Problem['invariant'], text: string) => void,
): { histories: Map<string, ChatHistory>; repeated: number } {
  const events = new Map<string, EventRecord[]>();
  let repeated = 0;
  for (const event of log) {
    let known = events.get(event.chat);
    if (known === undefined) events.set(event.chat, (known = []));
    const name = `${event.chat.slice(0, 6)} rev ${event.rev}`;
    if (event.rev === known.length + 1) known.push(event);
    else if (event.rev > known.length) onProblem?.('I11', `${name} follows ${known.length}`);
    else {
      repeated += 1;
      const first = known[event.rev - 1]!;
      if (onProblem !== undefined && first !== event && canonicalJson(first) !== canonicalJson(event)) {
        onProblem('I4', `two contents of ${name}: ${canonicalJson(first)} and ${canonicalJson(event)}`);
      }
    }
  }
  const histories = new Map([...events].map(([chat, list]) => [chat, historyOf(chat, list)]));
  return { histories, repeated };
}

function historyOf(chat: string, events: readonly EventRecord[]): ChatHistory {
  const messages: HistoryMessage[] = [];
  const stays = new Map<string, Stay[]>();
  const begin = (user: string, stay: Omit<Stay, 'throughRev'>) => {
    const known = stays.get(user) ?? [];
    stays.set(user, [...known, { ...stay, throughRev: Infinity }]);
  };
  for (const { rev, seq, by, body } of events) {
    switch (body.type) {
      case 'message.created':
        messages.push({ seq, rev, by, clientId: body.clientId, texts: [body.text ?? ''], isDeleted: false });
        break;
      case 'message.edited':
        messages[body.seq - 1]?.texts.push(body.text ?? '');
        break;
      case 'message.deleted':
        if (messages[body.seq - 1] !== undefined) messages[body.seq - 1]!.isDeleted = true;
        break;
      case 'chat.created':
        for (const { user } of body.members) begin(user, { fromRev: 1, fromSeq: 1 });
        break;
      case 'member.added':
        for (const user of body.users) begin(user, { fromRev: body.viewRev, fromSeq: body.from });
        break;
      case 'member.removed': {
        const last = stays.get(body.user)?.at(-1);
        if (last !== undefined) last.throughRev = rev;
        break;
      }
      default:
    }
  }
  return { chat, events, messages, stays };
}

/** The text people must see in the end; an edit after the deletion does not bring it back. */
export function finalText({ texts, isDeleted }: HistoryMessage): string {
  return isDeleted ? '' : texts.at(-1)!;
}

/** Whether the user is in the chat at the end. */
export function currentStay({ stays }: ChatHistory, user: string): Stay | undefined {
  const last = stays.get(user)?.at(-1);
  return last?.throughRev === Infinity ? last : undefined;
}
