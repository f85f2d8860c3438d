import { CLOSE_CODES } from './close-codes.ts';
import { ERRORS } from './errors.ts';

/** docs/errors.md, generated from the tables: run `node packages/protocol/scripts/write-error-docs.ts` after a change. */
export function renderErrorDocs(): string {
  return [
    '# Errors and close codes',
    '',
    'Generated from `packages/protocol/src/errors.ts` and `close-codes.ts` by',
    '`node packages/protocol/scripts/write-error-docs.ts`. Numbers and names are API, texts are not.',
    '',
    '## Errors',
    '',
    'A *temporary* error never settles a command: keep it and try again, after `retryAfterMs` where it is given.',
    '',
    '| code | name | HTTP | temporary | meaning |',
    '|---|---|---|---|---|',
    ...Object.entries(ERRORS).map(
      ([name, row]) => `| ${row.code} | \`${name}\` | ${row.http} | ${row.temporary ? 'yes' : 'no'} | ${row.meaning} |`,
    ),
    '',
    '## WebSocket close codes',
    '',
    '| code | name | reconnect | meaning |',
    '|---|---|---|---|',
    ...Object.entries(CLOSE_CODES).map(
      ([name, row]) => `| ${row.code} | \`${name}\` | ${row.reconnect ? 'with back-off' : 'no'} | ${row.meaning} |`,
    ),
    '',
  ].join('\n');
}
