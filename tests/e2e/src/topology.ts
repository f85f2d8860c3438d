import { inject } from 'vitest';
import type { Profile, Topology } from './profiles.ts';

/** What a client needs to know about where it connects; `server` for one started by the test itself. */
export type Target = Profile | { url: string; jwtSecret?: string };

let turn = 0;

/** The servers behind a target. */
export function topologyOf(target: Target): Topology {
  if (typeof target === 'string') return inject('topologies')[target];
  const urls = [target.url];
  return { urls, httpUrls: urls, healthUrls: urls, ...(target.jwtSecret ? { jwtSecret: target.jwtSecret } : {}) };
}

/** The next gateway in turn, so that the people of one test meet across gateways. */
export function gatewayUrl(target: Target): string {
  const { urls } = topologyOf(target);
  return urls[turn++ % urls.length] as string;
}

/** The next API server in turn. */
export function apiUrl(target: Target): string {
  const { httpUrls } = topologyOf(target);
  return httpUrls[turn++ % httpUrls.length] as string;
}
