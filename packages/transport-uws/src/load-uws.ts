import { createRequire } from 'node:module';
import type { UwsModule } from './uws-module.ts';

/** The version this adapter is written for and tested with. */
export const UWS_VERSION = '20.57.0';

const PACKAGE = 'uWebSockets.js';

/**
 * Loads uWebSockets.js: the installed package, or the folder or file named by `location`.
 * @throws Error whose message says what is missing and how it is installed.
 */
export async function loadUws(location: string = PACKAGE): Promise<UwsModule> {
  const require = createRequire(import.meta.url);
  try {
    // A CommonJS package with a native binary: named by a variable, so that nothing that reads imports asks for it.
    return require(location) as UwsModule;
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
    throw new Error(isMissing ? missing(location) : unusable(location, error), { cause: error });
  }
}

function missing(location: string): string {
  return `${location} is not installed. uWebSockets.js is published by its author on GitHub only:
    npm install --no-save uNetworking/uWebSockets.js#v${UWS_VERSION}
    or anywhere else, and then GARAM_UWS_MODULE=/path/to/node_modules/uWebSockets.js`;
}

/** Mostly a libc that is too old: its Linux binaries need glibc 2.38 (Debian 13, Ubuntu 24.04). */
function unusable(location: string, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `${location} is installed and cannot be loaded (on Linux it needs glibc 2.38 or newer): ${reason}`;
}
