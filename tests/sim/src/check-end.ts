import { canonicalJson } from '@garam/domain/canonical-json';
import { currentStay, finalText, type ChatHistory, type HistoryMessage } from './chat-history.ts';
import type { FinalView } from './evidence.ts';
import type { StoredChat } from './final-facts.ts';
import type { Problem } from './world.ts';

type OnProblem = (invariant: Problem['invariant'], text: string) => void;

/** The store at the end: every event of the log, once, as the log has it. */
export function checkStore(
  store: ReadonlyMap<string, StoredChat>,
  histories: ReadonlyMap<string, ChatHistory>,
  onProblem: OnProblem,
): void {
  for (const [chat, history] of histories) {
    const stored = store.get(chat);
    const name = chat.slice(0, 6);
    if (stored === undefined) {
      onProblem('I1', `${name} is not in the store`);
      continue;
    }
    if (stored.headRev !== history.events.length)
      onProblem('I10', `${name}: stored head ${stored.headRev}, log ${history.events.length}`);
    const rows = new Map(stored.messages.map((row) => [row['seq'], row]));
    for (const message of history.messages) {
      const row = rows.get(message.seq);
      if (row === undefined) onProblem('I1', `${name}: message ${message.seq} is not stored`);
      else if (!isSameRow(row, message))
        onProblem('I4', `${name}: stored ${JSON.stringify(row)}, log ${JSON.stringify(message)}`);
    }
    if (rows.size !== history.messages.length)
      onProblem('I2', `${name}: ${rows.size} rows for ${history.messages.length} messages`);
    const changes = new Set(stored.changes.map((row) => canonicalJson(row['event'])));
    for (const event of history.events) {
      if (event.body.type !== 'message.created' && !changes.has(canonicalJson(event)))
        onProblem('I1', `${name}: change ${event.rev} is not stored`);
    }
    for (const user of new Set([...history.stays.keys(), ...stored.roles.keys()])) {
      const isMember = currentStay(history, user) !== undefined;
      if (isMember !== ((stored.roles.get(user) ?? null) !== null))
        onProblem('I10', `${name}: role of ${user} is ${String(stored.roles.get(user))}`);
    }
  }
}

function isSameRow(row: Record<string, unknown>, message: HistoryMessage): boolean {
  return (
    row['rev'] === message.rev &&
    row['by'] === message.by &&
    row['clientId'] === message.clientId &&
    (row['deletedAt'] !== undefined) === message.isDeleted &&
    (row['text'] ?? '') === finalText(message)
  );
}

/** What connected clients show at the end: all of what they may see, nothing else (I1, I4, I7). */
export function checkViews(
  views: readonly FinalView[],
  histories: ReadonlyMap<string, ChatHistory>,
  { clients, onProblem }: { clients: readonly { user: string; client: string }[]; onProblem: OnProblem },
): void {
  for (const { user, client } of clients) {
    for (const history of histories.values()) {
      const stay = currentStay(history, user);
      const view = views.find((candidate) => candidate.client === client && candidate.chat === history.chat);
      if (stay !== undefined) checkView(view, history, { client, fromSeq: stay.fromSeq, onProblem });
      else if (view?.isReady === true) onProblem('I7', `${client} still shows ${history.chat.slice(0, 6)}`);
    }
  }
}

function checkView(
  view: FinalView | undefined,
  history: ChatHistory,
  { client, fromSeq, onProblem }: { client: string; fromSeq: number; onProblem: OnProblem },
): void {
  const name = `${client} ${history.chat.slice(0, 6)}`;
  if (view === undefined || !view.isReady) return onProblem('I1', `${name} is not shown`);
  const shown = new Map(view.messages.map((message) => [message.seq, message]));
  for (const message of history.messages) {
    if (message.seq < fromSeq) continue;
    const found = shown.get(message.seq);
    if (found === undefined) onProblem('I1', `${name}: message ${message.seq} is missing`);
    else if (found.clientId !== message.clientId || found.text !== finalText(message) || found.rev !== message.rev) {
      onProblem('I4', `${name}: shows ${JSON.stringify(found)}, log ${JSON.stringify(message)}`);
    }
  }
  for (const seq of shown.keys())
    if (history.messages[seq - 1] === undefined) onProblem('I2', `${name}: shows a message ${seq}`);
}
