import { ADAPTER_URL_FORMS } from '@garam/adapters/parse-adapter-urls';
import type { z } from 'zod';
import { garamConfig, SERVICE_CONFIGS } from './config.ts';

const HEAD = `# Configuration

Every setting is an environment variable; an empty one counts as unset. All problems are reported at once, and the
process then ends with exit code 78. Generated from the code (\`npm run docs\`); a test keeps it fresh.

## Garam in one process

| variable | default | what it does |
|---|---|---|
`;

const SERVICES_HEAD = `
## Services as processes of their own

Each takes the settings above that concern it. These exist only there, or have another default:

| variable | service | default | what it does |
|---|---|---|---|
`;

const ADDRESSES_HEAD = `
## Addresses

What is missing there is made at the start (\`GARAM_PROVISION\`) or by \`garam provision\`, as the parameters say; topics and
keyspaces that exist keep their partitions and copies. A process on its own cannot use \`memory:\`.

| variable | forms |
|---|---|
`;

type Shape = Record<string, z.ZodType>;

/** The text of docs/configuration.md. */
export function configurationPage(): string {
  return HEAD + garamRows() + SERVICES_HEAD + serviceRows() + ADDRESSES_HEAD + addressRows();
}

function garamRows(): string {
  const shape: Shape = garamConfig.shape;
  return sorted(shape)
    .map((key) => `| \`${key}\` | ${defaultOf(shape[key]!)} | ${shape[key]!.description ?? ''} |\n`)
    .join('');
}

/** What a service is told otherwise than the all-in-one, one row for all services that are told the same. */
function serviceRows(): string {
  const whole: Shape = garamConfig.shape;
  const rows = new Map<string, { key: string; services: string[]; rest: string }>();
  for (const [service, { shape }] of Object.entries<{ shape: Shape }>(SERVICE_CONFIGS)) {
    for (const key of sorted(shape)) {
      const field = shape[key]!;
      if (key in whole && defaultOf(whole[key]!) === defaultOf(field)) continue;
      const rest = `${defaultOf(field)} | ${field.description ?? ''}`;
      const row = rows.get(`${key} ${rest}`) ?? { key, services: [], rest };
      rows.set(`${key} ${rest}`, row);
      row.services.push(service);
    }
  }
  const inOrder = [...rows.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return inOrder.map(({ key, services, rest }) => `| \`${key}\` | ${services.join(', ')} | ${rest} |\n`).join('');
}

function addressRows(): string {
  const variables = { log: 'GARAM_LOG', store: 'GARAM_STORE', bus: 'GARAM_BUS' } as const;
  return Object.entries(variables)
    .map(([port, variable]) => {
      const forms = ADAPTER_URL_FORMS[port as keyof typeof variables].split(' or ');
      return `| \`${variable}\` | ${forms.map((form) => `\`${form.replaceAll('|', '\\|')}\``).join('<br>')} |\n`;
    })
    .join('');
}

const sorted = (shape: Shape): string[] => Object.keys(shape).toSorted();

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
