import type { MigrationOutcome } from './migrate.ts';

/** The outcome for people: a table of what was compared, and what to do next. */
export function reportLines(outcome: MigrationOutcome): string[] {
  if (outcome.state === 'complete before')
    return ['This folder has been moved to this log and store before: nothing was done.'];
  const { copied, comparison, state } = outcome;
  const table = comparison.kinds.map((kind) => row([kind.what, kind.old, kind.new, kind.differing]));
  const lines = ['', row(['read back', 'old', 'new', 'differing']), ...table, ''];
  lines.push(`${copied.tally.chats.size} chats; ${copied.appended} events were appended by this run.`);
  if (copied.undecodable > 0)
    lines.push(
      `${copied.undecodable} records of the old log are no events and stay there (garam dlq list shows them).`,
    );
  if (state === 'complete') lines.push('Everything is there and equal. Start the services on the new log and store.');
  else {
    lines.push(...comparison.examples);
    lines.push(`NOT EQUAL: ${comparison.differing} differences. Clients are not let in. The folder is as it was.`);
  }
  return lines;
}

function row([what, ...figures]: [string, ...(string | number)[]]): string {
  return what.padEnd(16) + figures.map((figure) => String(figure).padStart(12)).join('');
}
