export const logNames: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS log_names (log_id text PRIMARY KEY, named text)
   WITH compaction = {'class': 'UnifiedCompactionStrategy'}`,
];
