import type { EventLog } from '@garam/eventlog/event-log';
import { Refusal } from '@garam/protocol/errors';
import type { Store } from '@garam/store/store';

/** What clients know this log by; asked of the store once it can tell. @throws Refusal while the log is being filled */
export type LogNameSource = () => Promise<string>;

/** The name the store has for the log, or its id: clients keep their cursors as long as it stays the same. */
export function createLogName({ log, store }: { log: EventLog; store: Store }): LogNameSource {
  let known: string | undefined;
  return async () => {
    if (known !== undefined) return known;
    const named = await store.logNames.find(log.id);
    if (named !== null && !named.isComplete)
      throw new Refusal('unavailable', { message: 'Chats are still being brought into this log.' });
    known = named?.name ?? log.id;
    return known;
  };
}
