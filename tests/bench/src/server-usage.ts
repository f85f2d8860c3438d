import { readMachineCpu, readProcessUsage } from '@garam/tests-driver/process-usage';
import type { ServerProcess } from '@garam/tests-driver/process-usage';

/** What one process of the server used while a run was measured. */
export interface ProcessFigures {
  name: string;
  cpuUsPerMessage: number;
  /** Share of one core, 0–1 and above. */
  cpuShare: number;
  rssBytes: number;
}

/** Reads the server's processes when called, and answers with what they used since. */
export function measureUsage(
  processes: readonly ServerProcess[],
  now: number,
): (messages: number, later: number) => ProcessFigures[] {
  const before = processes.map(({ pid }) => readProcessUsage(pid));
  return (messages, later) =>
    processes.map(({ name, pid }, i) => {
      const usage = readProcessUsage(pid);
      const cpuUs = usage.cpuUs - before[i]!.cpuUs;
      return {
        name,
        cpuUsPerMessage: messages === 0 ? 0 : cpuUs / messages,
        cpuShare: cpuUs / 1000 / Math.max(1, later - now),
        rssBytes: usage.rssBytes,
      };
    });
}

/** What else went on in the machine, in shares of one core. */
export interface Surroundings {
  /** Taken by processes other than the server and this driver; null where the server's are not known. */
  othersCpuShare: number | null;
  /** Taken by the host of a virtual machine. */
  stealShare: number;
}

/** Answers, when called, with what happened around the run since. */
export function measureSurroundings(processes: readonly ServerProcess[], now: number): (later: number) => Surroundings {
  const read = (): { othersUs: number; stolenUs: number } => {
    const own = process.cpuUsage();
    const server = processes.reduce((sum, { pid }) => sum + readProcessUsage(pid).cpuUs, 0);
    const { busyUs, stolenUs } = readMachineCpu();
    return { othersUs: busyUs - own.user - own.system - server, stolenUs };
  };
  const before = read();
  return (later) => {
    const { othersUs, stolenUs } = read();
    const share = (us: number): number => Math.max(0, us / 1000 / Math.max(1, later - now));
    return {
      othersCpuShare: processes.length === 0 ? null : share(othersUs - before.othersUs),
      stealShare: share(stolenUs - before.stolenUs),
    };
  };
}
