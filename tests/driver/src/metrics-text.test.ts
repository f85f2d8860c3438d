import { expect, test } from 'vitest';
import { durabilityClass, metricSum, parseMetrics } from './metrics-text.ts';

const page = `# HELP garam_log_durability_info x
garam_log_durability_info{class="process_crash"} 0
garam_log_durability_info{class="power_loss",adapter="sqlite"} 1
garam_sqlite_commits_total{db="log"} 12
garam_sqlite_commits_total{db="store"} 3.5e1
`;

test('the durability class is the one whose sample is 1', () => {
  expect(durabilityClass(parseMetrics(page))).toBe('power_loss');
  expect(durabilityClass(parseMetrics('garam_log_durability_info{class="power_loss"} 0'))).toBeUndefined();
});

test('a sum spans label sets and is undefined for an absent metric', () => {
  expect(metricSum(parseMetrics(page), 'garam_sqlite_commits_total')).toBe(47);
  expect(metricSum(parseMetrics(page), 'garam_sqlite_commits')).toBeUndefined();
});
