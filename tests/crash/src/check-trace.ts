import type { Violation } from './evidence.ts';

/**
 * Reads a system-call trace (`strace -f -y`) of the server and asserts for each message: after its frame was read and
 * before anything naming it was written to a socket, the write-ahead log of the database was written and then synced.
 * That is what a process kill cannot show: the kernel keeps what a killed process has written.
 */
export function checkTrace(trace: string, clientIds: readonly string[]): Violation[] {
  const calls = parseTrace(trace);
  return clientIds.flatMap((clientId) => {
    const detail = whyUnproven(calls, clientId);
    return detail === null
      ? []
      : [{ rule: 'acknowledged before the commit was synced', detail: `${clientId}: ${detail}` }];
  });
}

interface Call {
  kind: 'read' | 'write' | 'walWrite' | 'walSync';
  line: string;
}

function whyUnproven(calls: readonly Call[], clientId: string): string | null {
  const arrival = calls.findIndex(({ kind, line }) => kind === 'read' && line.includes(clientId));
  if (arrival < 0) return 'its arrival is not in the trace';
  const after = calls.slice(arrival);
  const answer = after.findIndex(({ kind, line }) => kind === 'write' && line.includes(clientId));
  if (answer < 0) return 'no answer is in the trace';
  const before = after.slice(0, answer);
  const written = before.findIndex(({ kind }) => kind === 'walWrite');
  if (written < 0) return 'the write-ahead log was not written before the answer';
  const synced = before.slice(written).some(({ kind }) => kind === 'walSync');
  return synced ? null : 'the write-ahead log was written but not synced before the answer';
}

/** Calls in the order of their effect: writes when they begin, reads and syncs when they have succeeded. */
function parseTrace(trace: string): Call[] {
  const begun = new Map<string, string>();
  const calls: Call[] = [];
  for (const line of trace.split('\n')) {
    const thread = /^\d+/.exec(line)?.[0] ?? '';
    const resumed = /<\.\.\. \w+ resumed>/.exec(line);
    let whole = line;
    if (resumed !== null) whole = `${begun.get(thread) ?? ''}${line.slice(resumed.index + resumed[0].length)}`;
    const unfinished = whole.endsWith('<unfinished ...>');
    if (unfinished) begun.set(thread, whole.slice(0, -'<unfinished ...>'.length));
    const kind = kindOf(whole);
    if (kind === null || (unfinished && !countsAtBeginning(kind)) || (resumed && countsAtBeginning(kind))) continue;
    if (kind !== 'walSync' || /=\s+0\s*$/.test(whole)) calls.push({ kind, line: whole });
  }
  return calls;
}

function countsAtBeginning(kind: Call['kind']): boolean {
  return kind === 'write' || kind === 'walWrite';
}

function kindOf(line: string): Call['kind'] | null {
  const call = /^\d+\s+(\w+)\(\d+<([^>]*)>/.exec(line);
  if (call === null) return null;
  const [, name, file] = call as unknown as [string, string, string];
  const wal = file.endsWith('-wal');
  const socket = /^(socket|TCP|TCPv6):?/.test(file);
  if (name === 'fsync' || name === 'fdatasync') return wal ? 'walSync' : null;
  if (/^(p?writev?|pwrite64|sendto|sendmsg)$/.test(name)) return wal ? 'walWrite' : socket ? 'write' : null;
  return socket && /^(readv?|recvfrom|recvmsg)$/.test(name) ? 'read' : null;
}
