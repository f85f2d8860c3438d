import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SUITES, type Suite } from './suites.ts';

/**
 * `npm test`: every suite in order, each against the real thing, and at the end what passed, what failed and what was
 * left out. A suite leaves something out by writing a line to the file named in GARAM_LEFT_OUT; in CI that fails.
 */
const SUITE_MINUTES_MAX = 10;
/** What a suite that is told to end may take to stop the servers it has started. */
const GRACE_MS = 60_000;

interface Outcome {
  name: string;
  passed: number;
  failed: number;
  skipped: number;
  seconds: number;
}

const folder = mkdtempSync(join(tmpdir(), 'garam-test-'));
const leftOutFile = join(folder, 'left-out.txt');
const wanted = process.argv.slice(2);
const outcomes: Outcome[] = [];
for (const suite of SUITES) {
  if (wanted.length === 0 || wanted.includes(suite.name)) outcomes.push(await runSuite(suite));
}
report(outcomes, leftOut());
rmSync(folder, { recursive: true, force: true });

async function runSuite(suite: Suite): Promise<Outcome> {
  const started = performance.now();
  const json = join(folder, `${suite.name.replaceAll(/\W+/g, '-')}.json`);
  console.log(`\n── ${suite.name} (${suite.config})`);
  const code = await run(
    'vitest',
    ['run', '--config', suite.config, '--reporter=default', '--reporter=json', `--outputFile.json=${json}`],
    suite.environment ?? {},
  );
  const seconds = (performance.now() - started) / 1000;
  const counted = countsOf(json);
  // A suite that ended badly without a failed test (a crash, no test found) is a failure all the same.
  const failed = code === 0 ? counted.failed : Math.max(1, counted.failed);
  return { name: suite.name, passed: counted.passed, failed, skipped: counted.skipped, seconds };
}

function run(command: string, args: string[], environment: Record<string, string>): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(join('node_modules/.bin', command), args, {
      stdio: 'inherit',
      env: { ...process.env, ...environment, GARAM_LEFT_OUT: leftOutFile },
    });
    let timer = setTimeout(() => {
      child.kill('SIGINT');
      timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    }, SUITE_MINUTES_MAX * 60_000);
    child.on('exit', (code) => {
      clearTimeout(timer);
      resolve(code ?? 1);
    });
    child.on('error', () => resolve(1));
  });
}

function countsOf(json: string): { passed: number; failed: number; skipped: number } {
  try {
    const result = JSON.parse(readFileSync(json, 'utf8')) as {
      numPassedTests: number;
      numFailedTests: number;
      numPendingTests: number;
      numTodoTests: number;
    };
    return {
      passed: result.numPassedTests,
      failed: result.numFailedTests,
      skipped: result.numPendingTests + result.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function leftOut(): string[] {
  try {
    return readFileSync(leftOutFile, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return [];
  }
}

function report(all: readonly Outcome[], missing: readonly string[]): void {
  const total = { passed: 0, failed: 0, skipped: 0 };
  console.log('\n── summary');
  for (const outcome of all) {
    total.passed += outcome.passed;
    total.failed += outcome.failed;
    total.skipped += outcome.skipped;
    console.log(
      `${outcome.failed === 0 ? 'ok    ' : 'FAILED'} ${outcome.name.padEnd(22)} ${outcome.passed} passed, ${outcome.failed} failed, ${outcome.skipped} skipped, ${outcome.seconds.toFixed(1)} s`,
    );
  }
  for (const line of missing) console.log(`LEFT OUT ${line}`);
  if (missing.length === 0) console.log('nothing was left out');
  const incomplete = process.env['CI'] === 'true' && (missing.length > 0 || total.skipped > 0);
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed > 0 || incomplete ? 1 : 0;
}
