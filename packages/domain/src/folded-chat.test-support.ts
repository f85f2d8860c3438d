import type { CommandBody, CommandRecord } from '@garam/contracts/command-record';
import type { EventRecord } from '@garam/contracts/event-record';
import type { ReplyRecord } from '@garam/contracts/reply-record';
import { decide, type Decision } from './decide.ts';
import { emptyChat, type ChatState, type MemberTimeline, type SentEntry } from './chat-state.ts';

export const MINUTE_MS = 60_000;
export const START_MS = 1_763_740_800_000;

let made = 0;

/** A command record with what a test does not care about filled in. */
export function command(actor: string, body: CommandBody, rest: Partial<CommandRecord> = {}): CommandRecord {
  return {
    chat: 'c',
    actor,
    clientId: `k${++made}`,
    attempt: 1,
    sentAt: START_MS,
    digest: JSON.stringify(body),
    cause: { origin: 'gw', command: 1 },
    body,
    ...rest,
  };
}

export const SETTINGS = { join: 'invite', history: 'joined', send: 'all', invite: 'all' } as const;

export function create(members: string[], rest: Partial<Extract<CommandBody, { type: 'chat.create' }>> = {}) {
  return { type: 'chat.create', kind: 'group', members, settings: SETTINGS, capacity: 100, ...rest } as const;
}

export function say(text: string): CommandBody {
  return { type: 'message.send', kind: 'text', text };
}

/** One chat folded in memory, with all rows ever written at hand. */
export interface FoldedChat {
  state(): ChatState;
  role(user: string): string | null;
  /** Decides the command at the next offset, `minutes` after the last one. */
  apply(command: CommandRecord, minutes?: number): Decision;
  readonly events: EventRecord[];
  readonly replies: ReplyRecord[];
  readonly members: ReadonlyMap<string, MemberTimeline>;
  readonly sent: SentEntry[];
}

export function foldedChat(): FoldedChat {
  let state = emptyChat('c');
  let timestamp = START_MS;
  const members = new Map<string, MemberTimeline>();
  const sent: SentEntry[] = [];
  const events: EventRecord[] = [];
  const replies: ReplyRecord[] = [];
  return {
    events,
    replies,
    members,
    sent,
    state: () => state,
    role: (user) => members.get(user)?.entries.at(-1)?.role ?? null,
    apply(next, minutes = 0) {
      timestamp += minutes * MINUTE_MS;
      const mine = sent.filter((entry) => entry.actor === next.actor && entry.clientId === next.clientId);
      const position = { offset: state.lastOffset + 1, timestamp };
      const timely = next.sentAt === START_MS ? { ...next, sentAt: timestamp } : next;
      const decision = decide({ state, command: timely, position, members, sent: mine });
      state = decision.state;
      for (const row of decision.members) members.set(row.user, row);
      sent.push(decision.sent);
      events.push(...decision.events);
      if (decision.reply !== null) replies.push(decision.reply);
      return decision;
    },
  };
}

/** A group of alice (owner), ann (admin), bob and carol. */
export function group(settings: Partial<ChatState['settings']> = {}): FoldedChat {
  const chat = foldedChat();
  chat.apply(command('alice', create(['alice', 'ann', 'bob', 'carol'], { settings: { ...SETTINGS, ...settings } })));
  chat.apply(command('alice', { type: 'member.role', user: 'ann', role: 'admin' }));
  return chat;
}

/** `ok`, `unchanged`, `duplicate`, or the name of the refusal. */
export function outcome({ reply }: Decision): string {
  return reply === null ? 'ok' : (reply.error ?? reply.outcome);
}
