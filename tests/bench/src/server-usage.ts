import { readMachineCpuUs, readProcessUsage } from '@garam/tests-driver/process-usage';
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

/** Answers, when called, with the share of one core that processes other than the server and this driver took since. */
export function measureOthers(processes: readonly ServerProcess[], now: number): (later: number) => number | null {
  if (processes.length === 0) return () => null;
  const othersUs = (): number => {
    const own = process.cpuUsage();
    const server = processes.reduce((sum, { pid }) => sum + readProcessUsage(pid).cpuUs, 0);
    return readMachineCpuUs() - own.user - own.system - server;
  };
  const before = othersUs();
  return (later) => Math.max(0, (othersUs() - before) / 1000 / Math.max(1, later - now));
}
