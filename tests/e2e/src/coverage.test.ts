import { describe, expect, it } from 'vitest';
import { readCovered, type Covered } from './coverage-log.ts';
import { PROTOCOL } from './protocol-tables.ts';

/**
 * Runs after all others (see vitest.config.ts): what they have asserted over the wire,
 * against the tables of docs/protocol.md.
 */
const seen = readCovered();

/** Reached only by tests of the embedded process, which do not run against a cluster. */
const EMBEDDED_ONLY = new Set(['drain', 'internal', 'unavailable', 'unknown_outcome', '1012', '4001']);
const againstCluster = process.env['GARAM_TOPOLOGY'] === 'cluster' || (process.env['GARAM_E2E_URLS'] ?? '') !== '';

function missing(kind: Covered, names: Iterable<string | number>): string[] {
  const covered = seen.get(kind) ?? new Set<string>();
  const wanted = [...names].map(String).filter((name) => !covered.has(name));
  return againstCluster ? wanted.filter((name) => !EMBEDDED_ONLY.has(name)) : wanted;
}

describe('the tests of this run', () => {
  it('could read the tables of docs/protocol.md', () => {
    expect(PROTOCOL.commands.length).toBeGreaterThanOrEqual(28);
    expect(PROTOCOL.withClientId.size).toBeGreaterThanOrEqual(11);
    expect(PROTOCOL.pushes.length).toBeGreaterThanOrEqual(12);
    expect(PROTOCOL.events.length).toBeGreaterThanOrEqual(9);
    expect(PROTOCOL.errors.size).toBeGreaterThanOrEqual(20);
    expect(PROTOCOL.closeCodes.length).toBeGreaterThanOrEqual(14);
  });

  it('cover every command over the WebSocket', () => {
    expect(missing('command', [...PROTOCOL.commands, 'hello'])).toEqual([]);
  });

  it('cover every command over HTTP', () => {
    expect(missing('httpCommand', PROTOCOL.commands)).toEqual([]);
  });

  it('cover every push', () => {
    expect(missing('push', PROTOCOL.pushes)).toEqual([]);
  });

  it('cover every type of event', () => {
    expect(missing('event', PROTOCOL.events)).toEqual([]);
  });

  it('cover every error', () => {
    expect(missing('error', PROTOCOL.errors.keys())).toEqual([]);
  });

  it('cover every close code', () => {
    expect(missing('close', PROTOCOL.closeCodes)).toEqual([]);
  });
});
