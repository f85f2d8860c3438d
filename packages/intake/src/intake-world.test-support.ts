import { createMemoryBus } from '@garam/bus-memory/create-memory-bus';
import { decodeCommand } from '@garam/contracts/command-codec';
import type { CommandRecord } from '@garam/contracts/command-record';
import { TOPICS } from '@garam/contracts/topics';
import type { EventLog } from '@garam/eventlog/event-log';
import { createSqliteEventLog } from '@garam/eventlog-sqlite/create-sqlite-event-log';
import { openSqlite } from '@garam/sqlite/open-sqlite';
import { createSqliteStore } from '@garam/store-sqlite/sqlite-store';
import { noopMeter } from '@garam/telemetry/meter';
import { createManualClock } from '@garam/testkit/manual-clock';
import { createIntake, type IntakeOptions } from './create-intake.ts';
import type { Outcome, SubmitRequest } from './submit-request.ts';

interface SubmitOptions {
  actor?: string;
  silencedUntil?: number;
  attempt?: number;
  stillWanted?: () => boolean;
}

/** An intake on a real log and store in memory; what it appends can be read, what it answers is kept. */
export function createIntakeWorld(options: Partial<IntakeOptions> = {}) {
  const clock = createManualClock();
  const file = openSqlite(':memory:', { clock });
  const log = createSqliteEventLog(file, { clock, partitions: 1 });
  const store = createSqliteStore(file);
  const bus = createMemoryBus({ clock });
  const deps = { log, reads: store.reads, users: store.users, recent: bus.recent, clock, meter: noopMeter };
  const intake = createIntake(deps, { origin: 'edge1', ...options });

  function submit(
    type: SubmitRequest['type'],
    fields: object,
    { actor = 'alice', silencedUntil = 0, ...rest }: SubmitOptions = {},
  ) {
    const outcomes: Outcome[] = [];
    const request = {
      type,
      fields: { clientId: 'c1', chat: 'gchat', ...fields },
      actor: { id: actor, silencedUntil },
      attempt: 1,
      readAt: clock.now(),
      ...rest,
    } as SubmitRequest;
    const handedOver = intake.submit(request, (outcome) => outcomes.push(outcome));
    return { outcomes, handedOver };
  }

  return { clock, log, store, bus, intake, submit, commands: () => readCommands(log) };
}

async function readCommands(log: EventLog): Promise<CommandRecord[]> {
  const records = await log.read(TOPICS.commands, 0, 0, 1_000);
  return records.map((record) => decodeCommand(record.value)!);
}
