/**
 * Who may import whom, by package folder. Everything not listed as allowed is forbidden:
 * contracts, protocol ← domain ← ports ← adapters; `adapters` alone names them, by address; services import the ports
 * and only their compose.ts opens them; nothing imports a service except the all-in-one.
 */
const FOUNDATION = ['runtime', 'telemetry'];
const PORTS = ['eventlog', 'store', 'bus', 'transport'];
const EDGE = ['auth', 'intake', 'views'];
const ADAPTER = /^(eventlog|store|bus|transport)-|^sqlite$/;

/** Packages a package may import, by its own name. */
const ALLOWED: Record<string, readonly string[]> = {
  protocol: [],
  contracts: [],
  runtime: [],
  telemetry: ['runtime'],
  domain: ['contracts'],
  eventlog: ['runtime'],
  store: ['contracts', 'domain'],
  bus: ['contracts'],
  transport: [],
  sqlite: ['runtime'],
  auth: ['protocol', ...FOUNDATION],
  intake: ['protocol', 'contracts', 'domain', 'views', ...PORTS, ...FOUNDATION],
  views: ['protocol', 'contracts', 'domain', ...PORTS, ...FOUNDATION],
  service: ['eventlog', ...FOUNDATION],
  testkit: ['contracts', 'domain', 'protocol', ...PORTS, ...FOUNDATION],
};

const isAdapter = (name: string) => ADAPTER.test(name);

/** What an adapter may import. */
const ADAPTER_ALLOWED = ['contracts', 'domain', 'sqlite', ...PORTS, ...FOUNDATION];

/** What opens adapters may import. */
const OPENER_ALLOWED = new Set(['service', ...PORTS, ...FOUNDATION]);
/** The gateway's transport is part of its process, not of its address. */
const COMPOSER_ALLOWED = /^(adapters|transport-.*)$/;

/** What a service may import; tests may also name adapters and the test kit. */
const SERVICE_ALLOWED = new Set(['protocol', 'contracts', 'domain', 'service', ...PORTS, ...EDGE, ...FOUNDATION]);

/** Reasons why `file` (path from the root) may not import `specifier`; empty when it may. */
export function violation(file: string, specifier: string): string | undefined {
  const [area, folder] = file.split('/') as [string, string];
  const isTest = isTestFile(file);
  const target = /^@garam\/([^/]+)/.exec(specifier)?.[1];
  if (area === 'packages' && folder === 'domain' && !isTest && target === undefined && !specifier.startsWith('.')) {
    return `domain imports nothing from outside, not even ${specifier}`;
  }
  if (specifier.startsWith('.')) return leavesPackage(file, specifier) ? `${specifier} leaves the package` : undefined;
  if (target === undefined || target === folder) return undefined;
  if (target.startsWith('service-')) {
    return file.startsWith('apps/garam/') || file.startsWith('tests/sim/') || target === `service-${folder}`
      ? undefined
      : 'nothing imports a service except the all-in-one';
  }
  if (isTest) return undefined;
  if (area === 'packages' && folder === 'adapters') {
    return isAdapter(target) || OPENER_ALLOWED.has(target) ? undefined : `adapters may not import ${target}`;
  }
  if (area === 'packages') {
    const allowed = isAdapter(folder) ? ADAPTER_ALLOWED : ALLOWED[folder];
    if (allowed === undefined) return `package ${folder} is not in the table of layers`;
    return allowed.includes(target) ? undefined : `${folder} may not import ${target}`;
  }
  if (area === 'services') {
    if (SERVICE_ALLOWED.has(target)) return undefined;
    if (!COMPOSER_ALLOWED.test(target)) return `services do not name ${target}`;
    return file.endsWith('/src/compose.ts') ? undefined : `only compose.ts may name ${target}`;
  }
  return undefined;
}

/** Tests, and what only tests use. */
export function isTestFile(file: string): boolean {
  return /\.test\.ts$|\.test-support\.ts$|\/testing\/|\/scripts\//.test(file);
}

function leavesPackage(file: string, specifier: string): boolean {
  const path = file.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') path.pop();
    else if (part !== '.') path.push(part);
  }
  return path.slice(0, 2).join('/') !== file.split('/').slice(0, 2).join('/');
}
