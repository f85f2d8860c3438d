import type { EventRecord } from '@garam/contracts/event-record';
import type { ChatEvent, Message } from '@garam/protocol/entities';
import type { ChatHistory, Stay } from './chat-history.ts';
import type { PageRead, Seen } from './evidence.ts';
import type { Problem } from './world.ts';

type OnProblem = (invariant: Problem['invariant'], text: string) => void;

/** Everything that was ever pushed or read against the log: contents (I4), who may see it (I7), completeness (I6). */
export function checkSights(
  { seen, pages }: { seen: readonly Seen[]; pages: readonly PageRead[] },
  histories: ReadonlyMap<string, ChatHistory>,
  onProblem: OnProblem,
): void {
  for (const { user, session, event } of seen) {
    const history = histories.get(event.chat);
    checkContent(event, history, { session, onProblem });
    if (!staysOf(history, user).some((stay) => event.rev >= stay.fromRev && event.rev <= stay.throughRev)) {
      onProblem('I7', `${session} was pushed ${event.type} rev ${event.rev}`);
    }
  }
  for (const page of pages) checkPage(page, histories.get(page.chat), onProblem);
}

function checkPage(page: PageRead, history: ChatHistory | undefined, onProblem: OnProblem): void {
  const { session, user, kind, head, messages, events, after } = page;
  for (const event of events) checkContent(event, history, { session, onProblem });
  for (const message of messages) checkMessage(message, history, { session, onProblem });
  const revs = [...messages, ...events].map(({ rev }) => rev);
  const stays = staysOf(history, user);
  const fitting = stays.filter((stay) => revs.every((rev) => rev >= stay.fromRev && rev <= stay.throughRev));
  if (fitting.length === 0) return onProblem('I7', `${session} read revs ${revs.join(' ')} by ${kind}`);
  if (kind === 'sync') {
    const isDense = events.every(({ rev }, index) => rev === after + 1 + index);
    if (!isDense) onProblem('I6', `${session}: sync after ${after} gave ${revs.join(' ')}`);
    return;
  }
  if (fitting.some((stay) => isComplete(messages, stay, head.seq))) return;
  onProblem('I6', `${session}: history up to ${head.seq} gave ${messages.map(({ seq }) => seq).join(' ')}`);
}

function isComplete(messages: readonly Message[], { fromSeq }: Stay, headSeq: number): boolean {
  return (
    messages.length === Math.max(0, headSeq - fromSeq + 1) &&
    messages.every(({ seq }, index) => seq === fromSeq + index)
  );
}

function staysOf(history: ChatHistory | undefined, user: string): readonly Stay[] {
  return history?.stays.get(user) ?? [];
}

interface Where {
  session: string;
  onProblem: OnProblem;
}

function checkContent(event: ChatEvent, history: ChatHistory | undefined, { session, onProblem }: Where): void {
  const record = history?.events[event.rev - 1];
  if (record === undefined || !isSame(event, record, history!)) {
    onProblem('I4', `${session} got ${JSON.stringify(event)}, the log has ${JSON.stringify(record)}`);
  }
}

function checkMessage(message: Message, history: ChatHistory | undefined, { session, onProblem }: Where): void {
  const logged = history?.messages[message.seq - 1];
  const isRight =
    logged !== undefined &&
    logged.rev === message.rev &&
    logged.clientId === message.clientId &&
    logged.by === message.by &&
    (message.deleted === undefined ? logged.texts.includes(message.text ?? '') : logged.isDeleted);
  if (!isRight) onProblem('I4', `${session} read ${JSON.stringify(message)}, the log has ${JSON.stringify(logged)}`);
}

function isSame(event: ChatEvent, { clock, by, body, seq }: EventRecord, history: ChatHistory): boolean {
  if (event.at !== Math.floor(clock / 1_000) || event.by !== by || event.type !== body.type) return false;
  switch (event.type) {
    case 'message.created': {
      const logged = history.messages[seq - 1];
      const { message } = event;
      if (logged === undefined || message.seq !== seq || message.clientId !== logged.clientId) return false;
      return message.deleted === undefined ? logged.texts.includes(message.text ?? '') : logged.isDeleted;
    }
    case 'message.edited':
      return (
        body.type === event.type && body.seq === event.seq && (event.text === undefined || event.text === body.text)
      );
    case 'message.deleted':
      return body.type === event.type && body.seq === event.seq;
    case 'member.added':
      return body.type === event.type && body.users.join() === event.users.join();
    case 'member.removed':
      return body.type === event.type && body.user === event.user;
    default:
      return true;
  }
}
