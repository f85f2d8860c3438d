import type { Meter } from '@opentelemetry/api';
import type { EventLog } from '@garam/eventlog/event-log';
import type { SqliteFile, SqliteStats } from '@garam/sqlite/sqlite-file';

/** Figures of the process and of its database, if it has one, read when somebody scrapes. */
export function observeProcess(meter: Meter, { log, files }: { log?: EventLog; files: readonly SqliteFile[] }): void {
  if (log !== undefined) observeDurability(meter, log);
  if (files.length > 0) observeFiles(meter, files);
  meter
    .createObservableGauge('garam_process_resident_bytes', { description: 'Resident memory', unit: 'By' })
    .addCallback((result) => result.observe(process.memoryUsage.rss()));
  meter
    .createObservableCounter('garam_process_cpu_seconds_total', { description: 'CPU time of this process', unit: 's' })
    .addCallback((result) => {
      const { user, system } = process.cpuUsage();
      result.observe((user + system) / 1e6);
    });
}

function observeDurability(meter: Meter, log: EventLog): void {
  meter
    .createObservableGauge('garam_log_durability_info', {
      description: 'What an acknowledged append survives, as the label class',
    })
    .addCallback((result) => result.observe(1, { class: log.durability }));
}

function observeFiles(meter: Meter, files: readonly SqliteFile[]): void {
  observeSum('garam_sqlite_commits_total', 'Transactions committed', (stats) => stats.commits);
  observeSum('garam_sqlite_rows_total', 'Rows written', (stats) => stats.rows);
  observeSum('garam_sqlite_busy_total', 'Commits that found the file held by another process', (stats) => stats.busy);
  observeSum('garam_sqlite_failed_total', 'Writes rejected because of the file', (stats) => stats.failed);
  meter
    .createObservableGauge('garam_sqlite_queued_writes', { description: 'Writes waiting for a commit' })
    .addCallback((result) => result.observe(sum((stats) => stats.queued)));

  function observeSum(name: string, description: string, figure: (stats: SqliteStats) => number): void {
    meter.createObservableCounter(name, { description }).addCallback((result) => result.observe(sum(figure)));
  }

  function sum(figure: (stats: SqliteStats) => number): number {
    return files.reduce((total, file) => total + figure(file.stats()), 0);
  }
}
