import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isTestFile, violation } from './layers.ts';

const ROOT = join(import.meta.dirname, '../../..');
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s*['"]([^'"]+)['"]/g;

function importsOf(source: string): string[] {
  return [...source.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3]!);
}

const FILES = globSync('{packages,services,apps/garam,tests}/**/*.ts', {
  cwd: ROOT,
  exclude: (name) => name.includes('node_modules'),
});

describe('layers', () => {
  test('every import goes downwards', () => {
    expect(FILES.length).toBeGreaterThan(50);
    const found: string[] = [];
    for (const file of FILES) {
      for (const specifier of importsOf(readFileSync(join(ROOT, file), 'utf8'))) {
        const reason = violation(file, specifier);
        if (reason !== undefined) found.push(`${file}: ${reason}`);
      }
    }
    expect(found).toEqual([]);
  });

  test('only main.ts and the command line read the environment', () => {
    const readers = FILES.filter((file) => /^(packages|services|apps)\//.test(file) && !isTestFile(file))
      .filter((file) => !file.startsWith('packages/testkit/'))
      .filter((file) => /process\.env/.test(readFileSync(join(ROOT, file), 'utf8')));
    expect(readers.filter((file) => !file.endsWith('/src/main.ts'))).toEqual([]);
  });

  test('time comes from the clock', () => {
    const users = FILES.filter((file) => /^(packages|services)\//.test(file) && !isTestFile(file))
      .filter((file) => !/system-clock\.ts$|^packages\/testkit\//.test(file))
      .filter((file) =>
        /\b(Date\.now|setTimeout|setInterval|setImmediate|Math\.random)\b\(/.test(
          withoutComments(readFileSync(join(ROOT, file), 'utf8')),
        ),
      );
    expect(users).toEqual([]);
  });

  test('the wire tests import nothing of the product, but what looks into the log of their own cluster', () => {
    const found = FILES.filter((file) =>
      /^tests\/(e2e|crash|browser|driver|bench(?!\/src\/log\/))\//.test(file),
    ).filter((file) =>
      importsOf(readFileSync(join(ROOT, file), 'utf8')).some((specifier) =>
        /^@garam\/(?!tests-|cluster\/|stack\/)/.test(specifier),
      ),
    );
    expect(found).toEqual([]);
  });
});

test('the rules refuse what they should', () => {
  expect(violation('packages/domain/src/decide.ts', 'node:crypto')).toBeDefined();
  expect(violation('packages/store/src/store.ts', '@garam/store-sqlite/store')).toBeDefined();
  expect(violation('services/gateway/src/gateway.ts', '@garam/bus-memory/bus')).toBeDefined();
  expect(violation('services/gateway/src/compose.ts', '@garam/bus-memory/bus')).toBeDefined();
  expect(violation('services/gateway/src/compose.ts', '@garam/adapters/compose-process')).toBeUndefined();
  expect(violation('services/gateway/src/gateway.ts', '@garam/adapters/compose-process')).toBeDefined();
  expect(violation('packages/adapters/src/open-bus.ts', '@garam/bus-memory/bus')).toBeUndefined();
  expect(violation('packages/adapters/src/open-bus.ts', '@garam/domain/decide')).toBeDefined();
  expect(violation('services/gateway/src/gateway.ts', '@garam/service-api/api')).toBeDefined();
  expect(violation('apps/garam/src/compose.ts', '@garam/service-api/api')).toBeUndefined();
  expect(violation('packages/views/src/history.ts', '../../intake/src/intake.ts')).toBeDefined();
  expect(violation('packages/eventlog-sqlite/src/log.ts', '@garam/sqlite/sqlite-file')).toBeUndefined();
});

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}
