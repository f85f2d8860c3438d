import type { ChatHistory, HistoryMessage } from './chat-history.ts';
import { BLOCKED_WORD } from './workload.ts';
import type { Wish } from './evidence.ts';
import type { Ruling } from './reference-fold.ts';
import type { Problem } from './world.ts';

type OnProblem = (invariant: Problem['invariant'], text: string) => void;

export interface WishFacts {
  histories: ReadonlyMap<string, ChatHistory>;
  rulings: readonly Ruling[];
}

/** What people were told against what is in the log: I1 (the log's part), I2, I3, I5 and FIFO. */
export function checkWishes(wishes: readonly Wish[], { histories, rulings }: WishFacts, onProblem: OnProblem): void {
  const messages = new Map<string, HistoryMessage[]>();
  for (const history of histories.values()) {
    for (const message of history.messages) {
      const key = `${history.chat} ${message.by} ${message.clientId}`;
      messages.set(key, [...(messages.get(key) ?? []), message]);
    }
  }
  const byKey = new Map(wishes.map((wish) => [keyOf(wish), wish]));
  for (const [key, found] of messages) {
    const wish = byKey.get(key);
    if (found.length > 1) onProblem('I3', `${key} has seqs ${found.map(({ seq }) => seq).join(', ')}`);
    if (wish === undefined || wish.begunAt < 0) onProblem('I2', `${key} was never sent`);
    else if (wish.fields['text'] !== found[0]!.texts[0]) onProblem('I4', `${key} says "${found[0]!.texts[0]}"`);
  }
  const accepted = new Set(
    rulings
      .filter(({ decision }) => decision.sent.outcome === 'accepted')
      .map(({ command }) => `${command.chat} ${command.actor} ${command.clientId}`),
  );
  for (const wish of wishes) {
    const key = keyOf(wish);
    if (wish.state === 'failed' && (accepted.has(key) || messages.has(key)))
      onProblem('I2', `${key} was told ${wish.error}, but it was accepted`);
    if (wish.state === 'accepted' && wish.type === 'message.send') {
      const found = messages.get(key)?.[0];
      if (found?.seq !== wish.seq) onProblem('I1', `${key} was told seq ${wish.seq}, the log has ${found?.seq}`);
    }
  }
  checkOrder(wishes, onProblem);
  checkFifo(wishes, { messages, rulings }, onProblem);
}

/** I5: acknowledged before the other began. */
function checkOrder(wishes: readonly Wish[], onProblem: OnProblem): void {
  const sends = wishes.filter((wish) => wish.type === 'message.send' && wish.state === 'accepted');
  for (const first of sends) {
    for (const later of sends) {
      if (first.chat !== later.chat || first.settledAt >= later.begunAt || first.seq < later.seq) continue;
      onProblem(
        'I5',
        `${first.clientId} (seq ${first.seq}) was acknowledged before ${later.clientId} (${later.seq}) began`,
      );
    }
  }
}

/** One client's sends of a chat keep their order; one that was refused once, by the sequencer or an edge, has lost its place. */
function checkFifo(
  wishes: readonly Wish[],
  { messages, rulings }: { messages: ReadonlyMap<string, HistoryMessage[]>; rulings: readonly Ruling[] },
  onProblem: OnProblem,
): void {
  const refused = new Set(
    rulings
      .filter(({ decision }) => decision.reply?.outcome === 'refused')
      .map(({ command }) => `${command.chat} ${command.actor} ${command.clientId}`),
  );
  const last = new Map<string, { seq: number; wish: Wish }>();
  for (const wish of wishes) {
    if (wish.type !== 'message.send' || wish.sender === 'http' || isFiltered(wish)) continue;
    const seq = messages.get(keyOf(wish))?.[0]?.seq;
    if (seq === undefined || refused.has(keyOf(wish))) continue;
    const key = `${wish.sender} ${wish.chat}`;
    const before = last.get(key);
    if (before !== undefined && before.seq > seq) {
      onProblem('FIFO', `${before.wish.clientId} (seq ${before.seq}) was sent before ${wish.clientId} (${seq})`);
    }
    last.set(key, { seq, wish });
  }
}

/** Some gateways refuse it for good: who does not hear that tries elsewhere. */
function isFiltered({ fields }: Wish): boolean {
  return typeof fields['text'] === 'string' && fields['text'].includes(BLOCKED_WORD);
}

function keyOf({ chat, user, clientId }: Wish): string {
  return `${chat} ${user} ${clientId}`;
}
