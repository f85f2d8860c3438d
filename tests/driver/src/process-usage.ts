import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** A process of the server under test. */
export interface ServerProcess {
  name: string;
  pid: number;
}

/** What a process has used, from /proc (Linux): CPU of all its threads since it began, and resident memory now. */
export interface ProcessUsage {
  cpuUs: number;
  rssBytes: number;
}

/** Throws when the process is gone or /proc is not there. */
export function readProcessUsage(pid: number): ProcessUsage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The command name may hold spaces and parentheses: fields count from the last ')'. utime and stime are 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const rss = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return { cpuUs: (ticks * 1e6) / ticksPerSecond(), rssBytes: Number(rss?.[1] ?? 0) * 1024 };
}

/** CPU time of those threads of a process whose names match; threads that have ended are not counted. */
export function readThreadsCpuUs(pid: number, name: RegExp): number {
  let ticks = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1');
      const end = stat.lastIndexOf(')');
      const fields = stat.slice(end + 2).split(' ');
      if (name.test(stat.slice(stat.indexOf('(') + 1, end))) ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // It has ended meanwhile.
    }
  }
  return (ticks * 1e6) / ticksPerSecond();
}

/** CPU time of the whole machine since it started, µs. */
export interface MachineCpu {
  /** Of all processes: user, nice and system. */
  busyUs: number;
  /** Time a virtual machine wanted to run and its host ran something else. */
  stolenUs: number;
}

export function readMachineCpu(): MachineCpu {
  const [user, nice, system, , , , , steal] = readFileSync('/proc/stat', 'latin1')
    .split('\n', 1)[0]!
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const usPerTick = 1e6 / ticksPerSecond();
  return { busyUs: (user! + nice! + system!) * usPerTick, stolenUs: (steal ?? 0) * usPerTick };
}

/** The cores this process may run on. */
export function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s+(\S+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [from, to = from] = range.split('-').map(Number);
    return from === undefined || to === undefined ? [] : Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

let cachedTicks: number | undefined;

function ticksPerSecond(): number {
  cachedTicks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return cachedTicks;
}
