import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { PAGE_POLICY } from './security-headers.ts';

/** The files of the web client at `/`, checked again by the browser on every load. */
export function addWebClient(app: FastifyInstance, folder: string): void {
  app.register(fastifyStatic, {
    root: folder,
    prefix: '/',
    index: ['index.html'],
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders(response) {
      response.header('content-security-policy', PAGE_POLICY);
      response.header('cache-control', 'no-cache');
    },
  });
}
