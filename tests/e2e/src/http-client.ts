import { expect } from 'vitest';
import { covered } from './coverage-log.ts';
import { acknowledgedRev, headsIn, noteReply, readFresh } from './freshness.ts';
import { PROTOCOL } from './protocol-tables.ts';
import { tokenFor } from './tokens.ts';
import { apiUrl, type Target } from './topology.ts';
import type { Loose } from './loose.ts';

export interface HttpAnswer {
  status: number;
  type: string;
  body: Loose;
}

export interface PostOptions {
  idempotencyKey?: string;
  headers?: Record<string, string>;
}

const HTTP_STATUS_BY_NAME: Record<string, number> = {
  too_large: 413,
  revoked: 403,
  not_found: 404,
  id_conflict: 409,
  gone: 410,
  full: 422,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
  unknown_outcome: 504,
};

/** The status the protocol gives an error over HTTP. */
export function httpStatusOf(name: string): number {
  const code = PROTOCOL.errors.get(name) ?? 0;
  return HTTP_STATUS_BY_NAME[name] ?? (code < 200 ? 400 : code < 300 ? 401 : 403);
}

/** Commands of one user over `POST /v1/{t}`. */
export class HttpClient {
  readonly base: string;
  readonly token: string | undefined;
  private readonly seen = new Map<string, number>();

  constructor(base: string, token: string | undefined) {
    this.base = base;
    this.token = token;
  }

  async post(t: string, body: unknown, options: PostOptions = {}): Promise<HttpAnswer> {
    const answer = await fetch(`${this.base}/v1/${t}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
        ...(options.idempotencyKey === undefined ? {} : { 'idempotency-key': options.idempotencyKey }),
        ...options.headers,
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return readAnswer(answer);
  }

  /** Must be answered 200; resolves with the ok fields. What was acknowledged before is waited for. */
  async ok(t: string, body: Record<string, unknown>, options: PostOptions = {}): Promise<Loose> {
    if (typeof body['chat'] === 'string' && t !== 'message.send') await this.catchUp(body['chat']);
    const read = async (): Promise<Loose> => {
      const answer = await this.post(t, body, options);
      expect(answer, `POST /v1/${t}`).toMatchObject({ status: 200 });
      return answer.body;
    };
    const answer = t === 'chats.list' ? await readFresh(read, (page) => headsIn(page, undefined)) : await read();
    noteReply(answer, body['chat']);
    covered('httpCommand', t);
    return answer;
  }

  /** Waits until the API knows what was acknowledged of the chat. */
  private async catchUp(chat: string): Promise<void> {
    if ((this.seen.get(chat) ?? 0) >= acknowledgedRev(chat)) return;
    const answer = await readFresh(
      async () => (await this.post('chat.get', { chat })).body,
      (body) => headsIn(body, undefined),
    );
    for (const [id, rev] of headsIn(answer, undefined)) this.seen.set(id, rev);
  }

  /** Must be refused with this error, as problem+json and with the status of the protocol. */
  async refused(name: string, t: string, body: unknown, options: PostOptions = {}): Promise<Loose> {
    return expectProblem(await this.post(t, body, options), name);
  }
}

/** An HTTP client for `user`, with a token of the target. */
export async function httpAs(user: string, target: Target = 'default'): Promise<HttpClient> {
  return new HttpClient(apiUrl(target), await tokenFor(user, target));
}

/** Asserts a problem+json answer for the error `name`. */
export function expectProblem(answer: HttpAnswer, name: string): Loose {
  expect(answer, 'the answer').toMatchObject({ status: httpStatusOf(name), body: { name } });
  expect(answer.type).toMatch(/^application\/problem\+json/);
  expect(answer.body.code).toBe(PROTOCOL.errors.get(name));
  return answer.body;
}

export async function readAnswer(answer: Response): Promise<HttpAnswer> {
  const type = answer.headers.get('content-type') ?? '';
  const text = await answer.text();
  return { status: answer.status, type, body: type.includes('json') && text !== '' ? JSON.parse(text) : text };
}
