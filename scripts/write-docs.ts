import { writeFileSync } from 'node:fs';
import { configurationPage } from '../apps/garam/src/config-docs.ts';

writeFileSync(new URL('../docs/configuration.md', import.meta.url), configurationPage());
