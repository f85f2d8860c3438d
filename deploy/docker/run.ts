import process from 'node:process';

/**
 * What a container runs: `gateway`, `api`, `sequencer`, `persister`, `fanout` or `receipts` for one service, anything else
 * is a command of `garam` (`start`, `provision`, `version` …).
 */
const SERVICES = ['gateway', 'api', 'sequencer', 'persister', 'fanout', 'receipts'];
const TERMINATED = 143;

// The kernel gives process 1 no default for signals: until the service listens to SIGTERM itself, nothing would end it.
process.on('SIGTERM', () => {
  if (process.listenerCount('SIGTERM') === 1) process.exit(TERMINATED);
});

const name = process.argv[2] ?? 'start';
await import(SERVICES.includes(name) ? `../../services/${name}/src/main.ts` : '../../apps/garam/src/main.ts');
