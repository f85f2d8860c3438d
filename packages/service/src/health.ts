import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Service } from './service.ts';

export interface HealthOptions {
  services: readonly Pick<Service, 'name' | 'readiness'>[];
  renderMetrics(): Promise<string>;
}

export interface HealthAnswer {
  status: number;
  contentType: string;
  body: string;
}

/**
 * Answers `/livez` (the process turns), `/readyz` (every service can work, with what is degraded; else 503 with the reasons) and
 * `/metrics`; undefined for any other path.
 */
export async function answerHealth(path: string, options: HealthOptions): Promise<HealthAnswer | undefined> {
  if (path === '/livez') return text(200, 'ok\n');
  if (path === '/metrics')
    return {
      status: 200,
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      body: await options.renderMetrics(),
    };
  if (path !== '/readyz') return undefined;
  const reasons: string[] = [];
  const degraded: string[] = [];
  for (const service of options.services) {
    const readiness = service.readiness();
    if (!readiness.ready) reasons.push(`${service.name}: ${readiness.reason}`);
    else if (readiness.degraded !== undefined) degraded.push(`${service.name}: ${readiness.degraded}\n`);
  }
  return reasons.length === 0 ? text(200, `ready\n${degraded.join('')}`) : text(503, `${reasons.join('\n')}\n`);
}

/** The same as a handler of a plain HTTP server: a service's internal port. */
export function healthHandler(options: HealthOptions): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const path = (request.url ?? '/').split('?')[0]!;
    answerHealth(path, options).then(
      (answer) => write(response, answer ?? text(404, 'not found\n')),
      () => write(response, text(500, 'internal\n')),
    );
  };
}

function write(response: ServerResponse, answer: HealthAnswer): void {
  response.writeHead(answer.status, { 'content-type': answer.contentType }).end(answer.body);
}

function text(status: number, body: string): HealthAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}
