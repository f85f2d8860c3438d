import { wireError } from '@garam/protocol/errors';
import type { Recent } from '@garam/bus/bus';
import type { EventLog } from '@garam/eventlog/event-log';
import type { Clock } from '@garam/runtime/clock';
import type { UserStore } from '@garam/store/user-store';
import type { ViewReads } from '@garam/store/view-reads';
import { createPersistedHeads } from '@garam/views/persisted-heads';
import { createAccessReader } from '@garam/views/read-access';
import type { Meter } from '@opentelemetry/api';
import { createAdmission, type AdmissionOptions } from './admission.ts';
import { createCommandAppender } from './append-command.ts';
import { checkPolicy } from './check-policy.ts';
import { createContentFacts } from './content-facts.ts';
import { chatOf } from './derive-chat-id.ts';
import { createDirectBlocks } from './direct-blocks.ts';
import { gatherFacts, type FactSources, type Gathered } from './gather-facts.ts';
import type { Intake } from './intake.ts';
import { createLogClock } from './log-clock.ts';
import { createIntakeMetrics } from './metrics.ts';
import { createPendingCommands } from './pending-commands.ts';
import { createSettle } from './settle-command.ts';
import type { Outcome, SubmitRequest } from './submit-request.ts';

export interface IntakeDeps {
  log: EventLog;
  reads: ViewReads;
  users: UserStore;
  /** Only asked for heads; may fail at any time. */
  recent: Recent;
  clock: Clock;
  meter: Meter;
}

export interface IntakeOptions {
  /** Instance id under which answers come back, `<kind of edge>-<something unique to this process>`. */
  origin: string;
  /** Without an answer for this long the outcome is unknown. */
  replyTimeoutMs?: number;
  /** Commands waiting for their answer at most. */
  waitingMax?: number;
  /** Standing append→answer delay above which new commands are refused at once. */
  delayTargetMs?: number;
  /** Members a chat may have, by kind. */
  capacity?: { group: number; channel: number };
  /** Texts with any of these are `forbidden`; compared without regard to case. */
  blockedWords?: readonly string[];
  /** How long facts wait for the persister. */
  persistedWaitMs?: number;
}

type Done = (outcome: Outcome) => void;

const TICK_MS = 100;
const RETRY_BASE_MS = 250;
const WAITING_MIN = 200;

export function createIntake(deps: IntakeDeps, options: IntakeOptions): Intake {
  const { clock } = deps;
  const pending = createPendingCommands(deps, { timeoutMs: options.replyTimeoutMs ?? 5_000 });
  const admission = createAdmission(deps, admissionOptions(options));
  const logClock = createLogClock(deps);
  const metrics = createIntakeMetrics(deps.meter, edgeOf(options.origin), () => ({
    waiting: pending.size,
    limit: admission.limit,
  }));
  const { counts } = metrics;
  const retryAfterMs = () => RETRY_BASE_MS * (1 + 3 * clock.random());
  const appender = createCommandAppender({ log: deps.log, clock, pending, logClock, counts, retryAfterMs }, options);
  const policy = { blockedWords: (options.blockedWords ?? []).map((word) => word.normalize('NFKC').toLowerCase()) };
  const sources = createSources(deps, options);
  let gathering = 0;
  let isStopped = false;

  const cancelTick = clock.every(TICK_MS, () => {
    counts.unknown += pending.expire();
    admission.tick(pending.size, pending.oldestAgeMs());
  });

  function submit(request: SubmitRequest, done: Done): Promise<void> | undefined {
    if (isStopped || !admission.admits(pending.size + gathering)) {
      counts.overloaded += 1;
      done({ error: wireError('unavailable', { retryAfterMs: retryAfterMs() }) });
      return undefined;
    }
    const chat = chatOf(request);
    const refusal = checkPolicy(request, policy, clock.now());
    const gathered = refusal === undefined ? gatherFacts(request, chat, sources) : { refusal };
    if (gathered instanceof Promise) return finishLater(request, chat, gathered, done);
    finish(request, chat, gathered, done);
    return undefined;
  }

  async function finishLater(request: SubmitRequest, chat: string, gathered: Promise<Gathered>, done: Done) {
    gathering += 1;
    const late = await gathered;
    gathering -= 1;
    if (isStopped) done({ error: wireError('unavailable', { retryAfterMs: retryAfterMs() }) });
    else finish(request, chat, late, done);
  }

  function finish(request: SubmitRequest, chat: string, gathered: Gathered, done: Done): void {
    if (!('refusal' in gathered)) return appender.append({ request, chat, facts: gathered, refusal: undefined, done });
    const { refusal } = gathered;
    if (!refusal.temporary && request.attempt >= 2) return appender.append({ request, chat, facts: {}, refusal, done });
    counts[refusal.temporary ? 'unavailable' : 'refused'] += 1;
    done({ error: refusal });
  }

  return {
    origin: options.origin,
    submit,
    settle: createSettle({ clock, pending, admission, metrics }, options),
    blockChanged: (user, other, on) => sources.blocks.changed(user, other, on),
    load: () => ({ waiting: pending.size, limit: admission.limit, clockUncertaintyMs: logClock.uncertaintyMs() }),
    stop() {
      if (isStopped) return;
      isStopped = true;
      cancelTick();
      counts.unknown += pending.expire(true);
    },
  };
}

const edgeOf = (origin: string) => origin.split('-')[0]!;

function admissionOptions({ waitingMax = 50_000, delayTargetMs = 250 }: IntakeOptions): AdmissionOptions {
  return { waitingMax, waitingMin: Math.min(WAITING_MIN, waitingMax), delayTargetMs };
}

function createSources(deps: IntakeDeps, options: IntakeOptions): FactSources {
  const heads = createPersistedHeads(deps, { waitMs: options.persistedWaitMs ?? 2_000 });
  const access = createAccessReader({ reads: deps.reads, recent: deps.recent, heads });
  const content = createContentFacts({ reads: deps.reads, heads, access });
  const blocks = createDirectBlocks({ users: deps.users, clock: deps.clock, readPeople: content.people });
  return { content, blocks, capacity: options.capacity ?? { group: 1_000, channel: 100_000 } };
}
