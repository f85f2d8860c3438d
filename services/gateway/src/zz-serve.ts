import { writeFileSync } from 'node:fs';
import { PROFILE_ENV } from '../../../tests/e2e/src/profiles.ts';
import { startAll } from './zz-smoke.ts';
const lines: string[] = [];
for (const [name, env] of Object.entries(PROFILE_ENV)) {
  const all = await startAll({ LOG: 'warn', ...env });
  const suffix = name === 'default' ? '' : '_' + name.toUpperCase();
  lines.push(`export GARAM_E2E_URLS${suffix}=http://127.0.0.1:${all.port}`, `export GARAM_E2E_JWT_SECRET${suffix}=${env['GARAM_JWT_SECRET'] ?? 'secret-secret-secret-secret-secret'}`);
}
writeFileSync('/tmp/gw/env', lines.join('\n') + '\n');
console.log('ready');
setTimeout(() => process.exit(0), 15 * 60_000);
