import type { DurableCommandType } from '@garam/protocol/commands';
import { Refusal } from '@garam/protocol/errors';
import type { Intake } from '@garam/intake/intake';
import type { Accepted, SubmitRequest } from '@garam/intake/submit-request';
import type { Views } from '@garam/views/views';
import type { CommandCall } from './command-call.ts';

/** Puts a command through the log and answers with its ok fields. @throws Refusal as the log decided */
export async function runDurable(
  { intake, views }: { intake: Intake; views: Views },
  call: CommandCall<DurableCommandType>,
): Promise<object> {
  const { type, fields, caller, attempt, readAt, traceparent } = call;
  const request = {
    type,
    fields,
    actor: { id: caller.id, silencedUntil: caller.silencedUntil },
    attempt,
    readAt,
    traceparent,
    stillWanted: () => call.stillWanted(),
  } as SubmitRequest;
  const accepted = await submit(intake, request);
  const again = {
    ...(accepted.duplicate ? { duplicate: true } : {}),
    ...(accepted.unchanged ? { unchanged: true } : {}),
  };
  if (type === 'chat.create' || type === 'chat.join')
    return { chat: await views.chat(caller.id, accepted.chat, accepted.rev), ...again };
  if (type !== 'message.send') return { rev: accepted.rev, ...again };
  const { chat, clientId, seq, rev, at } = accepted;
  return { chat, clientId, seq, rev, at, ...again };
}

function submit(intake: Intake, request: SubmitRequest): Promise<Accepted> {
  return new Promise((resolve, reject) => {
    void intake.submit(request, (outcome) => {
      if (outcome.error === undefined) resolve(outcome.ok);
      else reject(new Refusal(outcome.error.name, outcome.error));
    });
  });
}
