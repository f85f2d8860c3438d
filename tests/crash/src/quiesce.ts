import { until } from '@garam/tests-driver/deadline';
import type { ChatClient } from './chat-client.ts';
import type { Load } from './load.ts';
import type { Tally } from './tally.ts';

interface Quiescing {
  clients: readonly ChatClient[];
  tally: Tally;
  load: Load | null;
}

/** No more load: every send must settle, and every live view must reach the end of its chats, untouched by hand. */
export async function quiesce(run: Quiescing, deadlines: { settledMs: number; arrivedMs: number }): Promise<void> {
  const { clients, tally } = run;
  run.load?.pause();
  const settled = (): boolean => clients.every(({ unsettled }) => unsettled === 0);
  await until(settled, deadlines.settledMs, 'every send settled').catch((error: Error) => {
    tally.violations.push({ rule: 'does not settle', detail: error.message });
  });
  const ends = new Map<string, number>();
  const views = clients.flatMap((client) => Array.from(client.views.values()));
  for (const { chat, cursor } of views) ends.set(chat, Math.max(ends.get(chat) ?? 0, cursor.rev));
  const ackedRevs = tally.sends.flatMap(({ chat, rev }) => (rev === null ? [] : [{ chat, rev }]));
  for (const { chat, rev } of ackedRevs) ends.set(chat, Math.max(ends.get(chat) ?? 0, rev));
  const arrived = (): boolean => views.every(({ chat, cursor }) => cursor.rev >= ends.get(chat)!);
  await until(arrived, deadlines.arrivedMs, 'every live view at the end').catch((error: Error) => {
    tally.violations.push({ rule: 'live views stay behind', detail: error.message });
  });
}
