import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configurationPage } from './config-docs.ts';
import { garamConfig } from './config.ts';

test('docs/configuration.md is what the code says', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/configuration.md'), 'utf8');
  expect(page).toBe(configurationPage());
});

test('every setting is described', () => {
  const shape: Record<string, { description?: string | undefined }> = garamConfig.shape;
  expect(Object.keys(shape).filter((key) => (shape[key]!.description ?? '') === '')).toEqual([]);
});
