import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('these tests import nothing but each other, node and vitest', () => {
  const folder = new URL('./', import.meta.url);
  const strange: string[] = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.ts'))) {
    const text = readFileSync(new URL(file, folder), 'utf8');
    const from = [...text.matchAll(/(?:^import\b[^;']*|\bimport\()'([^']+)'/gm)].map((match) => match[1] as string);
    strange.push(
      ...from
        .filter((name) => !/^(\.\/[\w.-]+\.ts|node:[\w/]+|vitest(\/node)?)$/.test(name))
        .map((name) => `${file}: ${name}`),
    );
  }
  expect(strange).toEqual([]);
});
