/** Where Redis is, as a URL says it. */
export interface RedisAddress {
  nodes: readonly RedisNode[];
  isCluster: boolean;
  isTls: boolean;
  username?: string;
  password?: string;
  db: number;
}

export interface RedisNode {
  host: string;
  port: number;
}

const FORM = 'redis://[user:pass@]host:port[/db] or redis://host:port,host:port?cluster=true';
const URL_PARTS = /^(rediss?):\/\/(?:([^:@/]*):([^@/]*)@)?([^/?@]+)(?:\/(\d*))?(?:\?(.*))?$/;
const DEFAULT_PORT = 6379;

/** @throws Error, naming the accepted form, never the password */
export function redisAddress(url: string): RedisAddress {
  const parts = URL_PARTS.exec(url);
  if (parts === null) throw new Error(`not the URL of a Redis: expected ${FORM}`);
  const [, scheme, username, password, hosts, db, query] = parts;
  const address: RedisAddress = {
    nodes: hosts!.split(',').map(nodeOf),
    isCluster: isCluster(query ?? ''),
    isTls: scheme === 'rediss',
    ...(username ? { username: decodeURIComponent(username) } : {}),
    ...(password ? { password: decodeURIComponent(password) } : {}),
    db: Number(db ?? 0),
  };
  if (!address.isCluster && address.nodes.length > 1) throw new Error(`several nodes need ?cluster=true: ${FORM}`);
  if (address.isCluster && address.db !== 0) throw new Error('Redis Cluster has no databases but 0');
  return address;
}

/** `host`, `host:port` or `[v6]:port` */
export function nodeOf(text: string): RedisNode {
  const parts = /^(?:\[([^\]]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(text);
  const port = Number(parts?.[3] ?? DEFAULT_PORT);
  if (parts === null || port < 1 || port > 65_535) throw new Error(`not a host and port of Redis: ${text}`);
  return { host: (parts[1] ?? parts[2])!, port };
}

function isCluster(query: string): boolean {
  for (const [name, value] of new URLSearchParams(query)) {
    if (name !== 'cluster') throw new Error(`unknown setting in the URL of Redis: ${name}`);
    if (value !== 'true' && value !== 'false') throw new Error('cluster is true or false in the URL of Redis');
    return value === 'true';
  }
  return false;
}
