import { createMemoryBus } from '@garam/bus-memory/create-memory-bus';
import { openSqlite } from '@garam/sqlite/open-sqlite';
import { createSqliteStore } from '@garam/store-sqlite/sqlite-store';
import { createManualClock } from '@garam/testkit/manual-clock';
import { createViews, type ViewsOptions } from './create-views.ts';

/** Views on a real store in memory, a memory bus and a clock that stands still. */
export function createViewWorld(options: ViewsOptions = {}) {
  const clock = createManualClock();
  const store = createSqliteStore(openSqlite(':memory:', { clock }));
  const bus = createMemoryBus({ clock });
  const views = createViews({ reads: store.reads, users: store.users, recent: bus.recent, clock }, options);
  return { clock, store, bus, views };
}

export type ViewWorld = ReturnType<typeof createViewWorld>;
