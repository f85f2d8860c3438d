import { expect, test } from 'vitest';
import { checkTrace } from './check-trace.ts';

const arrival = String.raw`71 read(21<socket:[9]>, "\201\376{\"t\":\"message.send\",\"clientId\":\"m1\"}", 65536) = 90`;
const walWrite = String.raw`71 pwrite64(19</data/garam.db-wal>, "\0\1m1", 4096, 32) = 4096`;
const walSync = '71 fdatasync(19</data/garam.db-wal>) = 0';
const answer = String.raw`71 write(21<socket:[9]>, "\201~{\"t\":\"ok\",\"id\":3,\"clientId\":\"m1\"}", 80) = 80`;

function verdict(...lines: string[]): string[] {
  return checkTrace(lines.join('\n'), ['m1']).map(({ detail }) => detail);
}

test('written, synced, then answered is proven', () => {
  expect(verdict(arrival, walWrite, walSync, answer)).toEqual([]);
});

test('an answer before the sync is found', () => {
  expect(verdict(arrival, walWrite, answer, walSync)).toEqual([expect.stringContaining('not synced')]);
});

test('a sync before the write proves nothing', () => {
  expect(verdict(arrival, walSync, walWrite, answer)).toEqual([expect.stringContaining('not synced')]);
});

test('the sync of another message before the arrival proves nothing', () => {
  expect(verdict(walWrite, walSync, arrival, answer)).toEqual([expect.stringContaining('not written')]);
});

test('a sync of another file or a failed one proves nothing', () => {
  const other = '71 fdatasync(8</data/other>) = 0';
  const failed = '71 fdatasync(19</data/garam.db-wal>) = -1 EIO (Input/output error)';
  expect(verdict(arrival, walWrite, other, failed, answer)).toHaveLength(1);
});

test('a sync in another thread counts from its end, not from its beginning', () => {
  const begun = '72 fdatasync(19</data/garam.db-wal> <unfinished ...>';
  const ended = '72 <... fdatasync resumed>) = 0';
  expect(verdict(arrival, walWrite, begun, ended, answer)).toEqual([]);
  expect(verdict(arrival, walWrite, begun, answer, ended)).toHaveLength(1);
});

test('an answer whose write was interrupted in the trace counts from its beginning', () => {
  const begun = `${answer.slice(0, answer.lastIndexOf(')'))} <unfinished ...>`;
  const ended = '71 <... write resumed>) = 80';
  expect(verdict(arrival, walWrite, walSync, begun, ended)).toEqual([]);
  expect(verdict(arrival, walWrite, begun, walSync, ended)).toHaveLength(1);
});

test('a trace without the message proves nothing', () => {
  expect(verdict(walWrite, walSync)).toEqual([expect.stringContaining('arrival')]);
});
