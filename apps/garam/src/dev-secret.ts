import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The secret that signs development tokens, kept in the data folder so that open tabs stay signed in over a restart.
 * Used only while no JWT secret or JWKS address is configured.
 */
export function readOrCreateDevSecret(dataFolder: string): string {
  const path = join(dataFolder, 'dev-secret');
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    mkdirSync(dataFolder, { recursive: true });
    const secret = randomBytes(32).toString('base64url');
    // Whole or not at all: an empty secret would be found at the next start.
    const unfinished = `${path}.${process.pid}`;
    writeFileSync(unfinished, `${secret}\n`, { mode: 0o600 });
    renameSync(unfinished, path);
    return secret;
  }
}
