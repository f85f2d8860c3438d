import { enableCompileCache } from 'node:module';

// Stripping types from every file is a third of the start: the cache does it once. Only what is imported later profits.
enableCompileCache();
const { runCommandLine } = await import('./command-line.ts');
const code = await runCommandLine(process.argv.slice(2), process.env);
// A command that has ended has ended: a driver that still opens connections in the background must not keep it alive.
process.exit(code);
