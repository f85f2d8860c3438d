import { openAdapters, type Adapters } from '@garam/adapters/open-adapters';
import { parseAdapterUrls } from '@garam/adapters/parse-adapter-urls';
import { systemClock } from '@garam/runtime/system-clock';
import { quietLogger } from '@garam/telemetry/logger';
import { noopMeter } from '@garam/telemetry/meter';

export type OpenLog = Adapters<'log'>;

/** The log as a producer of one's own uses it. */
export function openLog(url: string): Promise<OpenLog> {
  const deps = { clock: systemClock, logger: quietLogger, meter: noopMeter };
  const options = { clientName: 'garam-tests', openDeadlineMs: 30_000, provision: false };
  return openAdapters(parseAdapterUrls({ log: url }), deps, options);
}
