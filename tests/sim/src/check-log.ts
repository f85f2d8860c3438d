import { canonicalJson } from '@garam/domain/canonical-json';
import type { ChatHistory } from './chat-history.ts';
import type { FinalFacts } from './final-facts.ts';
import type { Ruling } from './reference-fold.ts';
import type { Problem } from './world.ts';

type OnProblem = (invariant: Problem['invariant'], text: string) => void;

/** The logs of events and replies against the one undisturbed fold of the commands. */
export function checkLog(
  { events, replies }: Pick<FinalFacts, 'events' | 'replies'>,
  rulings: readonly Ruling[],
  { histories, onProblem }: { histories: ReadonlyMap<string, ChatHistory>; onProblem: OnProblem },
): void {
  checkEvents(rulings, histories, onProblem);
  const expected = new Set(
    rulings.flatMap(({ decision }) => (decision.reply === null ? [] : canonicalJson(decision.reply))),
  );
  const given = new Set(replies.map((reply) => canonicalJson(reply)));
  for (const reply of given) if (!expected.has(reply)) onProblem('fold', `a reply nobody had to give: ${reply}`);
  for (const reply of expected) if (!given.has(reply)) onProblem('fold', `a command was never answered: ${reply}`);
  if (events.length > 0 && rulings.length === 0) onProblem('fold', 'events without commands');
}

function checkEvents(
  rulings: readonly Ruling[],
  histories: ReadonlyMap<string, ChatHistory>,
  onProblem: OnProblem,
): void {
  const due = new Map<string, number>();
  for (const { offset, decision } of rulings) {
    for (const event of decision.events) {
      due.set(event.chat, event.rev);
      const logged = histories.get(event.chat)?.events[event.rev - 1];
      if (logged === undefined)
        onProblem('fold', `the event of command ${offset} is not in the log: ${canonicalJson(event)}`);
      else if (canonicalJson(logged) !== canonicalJson(event)) {
        onProblem(
          'fold',
          `command ${offset} had to give ${canonicalJson(event)}, the log has ${canonicalJson(logged)}`,
        );
      }
    }
  }
  for (const { chat, events } of histories.values()) {
    for (const event of events.slice(due.get(chat) ?? 0)) {
      onProblem('fold', `an event no command had to give: ${canonicalJson(event)}`);
    }
  }
}
