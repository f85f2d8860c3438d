import type { z } from 'zod';
import { garamConfig } from './config.ts';

const HEAD = `# Configuration

Every setting is an environment variable; an empty one counts as unset. All problems are reported at once, and the
process then ends with exit code 78. Generated from the code (\`npm run docs\`); a test keeps it fresh.

| variable | default | what it does |
|---|---|---|
`;

/** The text of docs/configuration.md: what the all-in-one can be told, which is what all services can be told. */
export function configurationPage(): string {
  const shape: Record<string, z.ZodType> = garamConfig.shape;
  const rows = Object.keys(shape)
    .toSorted()
    .map((key) => `| \`${key}\` | ${defaultOf(shape[key]!)} | ${shape[key]!.description ?? ''} |\n`);
  return HEAD + rows.join('');
}

function defaultOf(field: z.ZodType): string {
  const parsed = field.safeParse(undefined);
  if (!parsed.success || parsed.data === undefined) return '–';
  return `\`${asText(parsed.data)}\``;
}

/** As one would write it in the environment. */
function asText(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (Array.isArray(value)) return value.join(',') || ' ';
  if (typeof value === 'object' && value !== null && 'perSecond' in value && 'burst' in value)
    return `${String(value.perSecond)}/${String(value.burst)}`;
  return String(value);
}
