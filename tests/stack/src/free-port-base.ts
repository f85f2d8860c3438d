import { createServer } from 'node:net';

/** Offsets from its port base that a stack may use: brokers, controllers, Cassandra, Redis. */
const OFFSETS = [0, 1, 2, 50, 51, 52, 100, 101, 200];
const LOWEST = 22_000;
const HIGHEST = 31_000;

/** A port base whose ports are free now. */
export async function freePortBase(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const base = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    const free = await Promise.all(OFFSETS.map((offset) => isFree(base + offset)));
    if (free.every(Boolean)) return base;
  }
  throw new Error('no free ports');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
