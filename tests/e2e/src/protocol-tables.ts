import { readFileSync } from 'node:fs';

const TEXT = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8');

/** The tables of docs/protocol.md, read from the document itself. */
export interface ProtocolTables {
  commands: string[];
  /** Commands that carry `clientId` (marked ● in the table). */
  withClientId: Set<string>;
  pushes: string[];
  events: string[];
  /** Error name → number. */
  errors: Map<string, number>;
  temporary: Set<number>;
  closeCodes: number[];
}

export const PROTOCOL: ProtocolTables = readTables();

function readTables(): ProtocolTables {
  const commandCells = firstCells(section('Commands'));
  const pushRows = rows(section('Pushes'));
  const errorText = section('Errors');
  return {
    commands: commandCells.flatMap(ticked),
    withClientId: new Set(
      commandCells.flatMap((cell) => [...cell.matchAll(/`([^`]+)` ●/g)].map((m) => m[1] as string)),
    ),
    pushes: pushRows.map((row) => row[0] ?? '').flatMap(ticked),
    events: eventTypes(pushRows),
    errors: new Map([...errorText.matchAll(/\b(\d{3}) `([a-z_]+)`/g)].map((m) => [m[2] as string, Number(m[1])])),
    temporary: new Set((/Temporary: ([\d, ]+)/.exec(errorText)?.[1] ?? '').split(',').map(Number)),
    closeCodes: readCloseCodes(errorText),
  };
}

function section(title: string): string {
  const found = TEXT.split(/^## /m).find((part) => part.startsWith(title));
  if (found === undefined) throw new Error(`docs/protocol.md has no section "${title}"`);
  return found;
}

/** Cells of each table row; `\|` inside a cell is kept. */
function rows(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1)
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
}

function firstCells(text: string): string[] {
  return rows(text).map((row) => row[0] ?? '');
}

function ticked(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] as string);
}

/** `message.created` from the example's `type`, the others from the code spans behind it. */
function eventTypes(pushRows: string[][]): string[] {
  const content = pushRows.find((row) => row[0] === '`event`')?.[1] ?? '';
  const spans = ticked(content).map(
    (span) => /"type":"([a-z.]+)"/.exec(span)?.[1] ?? /^([a-z]+\.[a-z]+)/.exec(span)?.[1],
  );
  return [...new Set(spans.filter((name) => name !== undefined))];
}

function readCloseCodes(text: string): number[] {
  const withoutRanges = text.replaceAll(/\d{4}–\d{4}/g, '');
  return [...new Set([...withoutRanges.matchAll(/\b(1\d{3}|4\d{3})\b/g)].map((match) => Number(match[1])))];
}
