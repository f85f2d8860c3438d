import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noopMeter } from '@garam/telemetry/meter';
import { quietLogger } from '@garam/telemetry/logger';
import { systemClock } from '@garam/runtime/system-clock';
import { expect, onTestFinished, test } from 'vitest';
import { openAdapters } from './open-adapters.ts';
import { parseAdapterUrls } from './parse-adapter-urls.ts';

const deps = { clock: systemClock, logger: quietLogger, meter: noopMeter };
const options = { clientName: 'test', openDeadlineMs: 1_000, provision: true };

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'garam-adapters-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('log and store in one file share it', async () => {
  const url = `sqlite:${newFolder()}/garam.db`;
  const places = parseAdapterUrls({ log: url, store: url, bus: 'memory:' });
  const adapters = await openAdapters(places, deps, options);
  expect(adapters.files.map(({ path }) => path)).toEqual([url.slice('sqlite:'.length)]);
  expect(adapters.log.durability).toBe('power_loss');
  expect(await adapters.bus.recent.heads(['c'])).toEqual([0]);
  await adapters.close();
});

test('what is open is closed again when something else cannot be opened', async () => {
  const folder = newFolder();
  const good = `sqlite:${folder}/good.db`;
  const failing = parseAdapterUrls({ log: good, store: `sqlite:${folder}` });
  await expect(openAdapters(failing, deps, options)).rejects.toThrow();
  // The file has one log at a time in a process: a second is only possible when the first is closed.
  const again = await openAdapters(parseAdapterUrls({ log: good }), deps, options);
  await again.close();
});
