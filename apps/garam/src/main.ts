import { enableCompileCache } from 'node:module';

// Stripping types from every file is a third of the start: the cache does it once. Only what is imported later profits.
enableCompileCache();
const { runCommandLine } = await import('./command-line.ts');
process.exitCode = await runCommandLine(process.argv.slice(2), process.env);
