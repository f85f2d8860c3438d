/** `scheme://[user:password@]host:port,host:port[/path][?key=value&…]`: several hosts, which WHATWG's URL does not know. */
export interface ServerUrl {
  hosts: string[];
  credentials?: { username: string; password: string };
  /** Without the leading slash; empty when there is none. */
  path: string;
  parameters: ReadonlyMap<string, string>;
}

const FORM = /^[a-z]+:\/\/(?:([^@/?]*)@)?([^/?@]+)(?:\/([^?]*))?(?:\?(.*))?$/;
const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9a-fA-F:]+\]):(\d{1,5})$/;

/** What is in the address. @throws Error that says what is wrong, without quoting credentials */
export function parseServerUrl(text: string): ServerUrl {
  const found = FORM.exec(text);
  if (found === null) throw new Error('not an address of servers');
  const [, login, hostList = '', path = '', query = ''] = found;
  const hosts = hostList.split(',');
  for (const host of hosts) {
    const port = HOST.exec(host)?.[1];
    if (port === undefined || Number(port) < 1 || Number(port) > 65_535) throw new Error(`"${host}" is not host:port`);
  }
  const parameters = new Map(new URLSearchParams(query));
  return { hosts, path, parameters, ...(login === undefined ? {} : { credentials: credentialsOf(login) }) };
}

function credentialsOf(login: string): { username: string; password: string } {
  const colon = login.indexOf(':');
  if (colon < 1) throw new Error('credentials are user:password');
  return {
    username: decodeURIComponent(login.slice(0, colon)),
    password: decodeURIComponent(login.slice(colon + 1)),
  };
}
