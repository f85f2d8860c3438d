import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import { request as requestTls } from 'node:https';

/** Gives tokens for users of the server under test. */
export interface TokenSource {
  token(user: string): Promise<string>;
}

/** Tokens from `POST /v1/dev/token`, which a server without configured keys offers. */
export function devTokens(url: string): TokenSource {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  return {
    token: async (user) => {
      const answer = await postJson(new URL('/v1/dev/token', url), { user }, agent);
      const token = (JSON.parse(answer) as { token?: unknown }).token;
      if (typeof token !== 'string') throw new Error('/v1/dev/token gave no token');
      return token;
    },
  };
}

/** Tokens signed here (HS256) for a server whose shared secret is known. */
export function signedTokens(secret: string): TokenSource {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return {
    token: async (user) => {
      const seconds = Math.floor(Date.now() / 1000);
      const body = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: user, iat: seconds, exp: seconds + 7200 })}`;
      return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
    },
  };
}

function postJson(url: URL, body: object, agent: Agent): Promise<string> {
  const secure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', headers: { 'content-type': 'application/json' }, timeout: 10_000 };
    const outgoing = secure ? requestTls(url, options) : request(url, { ...options, agent });
    outgoing.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${url.pathname} answered ${response.statusCode}: ${text.slice(0, 200)}`));
      });
      response.on('error', reject);
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`${url.pathname}: no answer within 10 s`)));
    outgoing.on('error', reject);
    outgoing.end(JSON.stringify(body));
  });
}
