import { connect } from 'node:net';
import type { Cluster } from '@garam/cluster/start-cluster';
import { pause } from '@garam/tests-driver/deadline';
import type { Fault } from './fault-plan.ts';

/** Makes it go wrong, waits, and takes it back; resolves when what was started again is ready. */
export async function inflictFault(cluster: Cluster, { kind, process: name, signal, forMs }: Fault): Promise<void> {
  if (kind === 'flush') return flush(cluster);
  await cluster.kill(name, signal!);
  await pause(forMs);
  if (kind === 'pause') await cluster.kill(name, 'SIGCONT');
  else await cluster.restart(name);
}

const FLUSH_MS_MAX = 10_000;

/** FLUSHALL in Redis's inline form. */
function flush(cluster: Cluster): Promise<void> {
  const { hostname, port } = new URL(cluster.addresses['GARAM_BUS']!);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), timeout: FLUSH_MS_MAX });
    socket.once('connect', () => socket.write('FLUSHALL\r\n'));
    socket.once('timeout', () => socket.destroy(new Error('FLUSHALL: no answer')));
    socket.once('error', reject);
    socket.once('data', (answer) => {
      socket.destroy();
      if (answer.toString().startsWith('+OK')) resolve();
      else reject(new Error(`FLUSHALL: ${answer.toString()}`));
    });
  });
}
