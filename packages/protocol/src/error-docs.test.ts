import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { renderErrorDocs } from './error-docs.ts';

it('docs/errors.md says what the tables say', () => {
  const written = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  expect(written).toBe(renderErrorDocs());
});
