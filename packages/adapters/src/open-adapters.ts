import type { Bus } from '@garam/bus/bus';
import type { EventLog } from '@garam/eventlog/event-log';
import type { SqliteFile } from '@garam/sqlite/sqlite-file';
import type { Store } from '@garam/store/store';
import type { AdapterDeps, AdapterOptions, Opened } from './adapter-deps.ts';
import { openBus } from './open-bus.ts';
import { openLog } from './open-log.ts';
import { openStore } from './open-store.ts';
import type { Places, PortName } from './parse-adapter-urls.ts';

interface Ports {
  log: EventLog;
  store: Store;
  bus: Bus;
}

/** The ports that were asked for, open. */
export type Adapters<Port extends PortName = PortName> = Pick<Ports, Port> & {
  /** Files behind them, for metrics: each once. */
  files: readonly SqliteFile[];
  close(): Promise<void>;
};

const OPENERS: {
  [Port in PortName]: (place: Places[Port], deps: AdapterDeps, options: AdapterOptions) => Promise<Opened<Ports[Port]>>;
} = { log: openLog, store: openStore, bus: openBus };
/** The bus first, as nothing durable hangs on it; the store last: consumers of the log save their state in it. */
const CLOSING_ORDER: readonly PortName[] = ['bus', 'log', 'store'];

/** Opens what the places name, all at once; closes what is open when one of them fails. */
export async function openAdapters<Port extends PortName>(
  places: Pick<Places, Port>,
  deps: AdapterDeps,
  options: AdapterOptions,
): Promise<Adapters<Port>> {
  const names = Object.keys(places) as Port[];
  const outcomes = await Promise.allSettled(names.map((name) => OPENERS[name](places[name], deps, options)));
  const opened = new Map<PortName, Opened<unknown>>();
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.status === 'fulfilled') opened.set(names[index]!, outcome.value);
  }
  const close = async (): Promise<void> => {
    for (const name of CLOSING_ORDER) await opened.get(name)?.close();
  };
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) {
    await close();
    throw failed.reason;
  }
  const ports = Object.fromEntries([...opened].map(([name, { port }]) => [name, port]));
  return { ...(ports as unknown as Pick<Ports, Port>), files: filesOf(opened), close };
}

function filesOf(opened: ReadonlyMap<PortName, Opened<unknown>>): SqliteFile[] {
  const files = new Map<string, SqliteFile>();
  for (const { file } of opened.values()) if (file !== undefined) files.set(file.path, file);
  return [...files.values()];
}
