import { decide, type DecideInput, type Decision } from '@garam/domain/decide';
import { roleAt } from '@garam/domain/timeline';

/** What somebody is now, whatever the command's place in the log. */
export function membershipNow(input: DecideInput): Decision {
  const get = (user: string) => {
    const row = input.members.get(user);
    const role = row?.entries.at(-1)?.role;
    return row === undefined || role === undefined ? row : { user, entries: [{ offset: -1, role }], trimmed: false };
  };
  return decide({ ...input, members: { get } });
}

/** An entry counts wherever the command that left it stands in the log. */
export function entriesUnpositioned(input: DecideInput): Decision {
  const offset = input.position.offset - 1;
  return decide({ ...input, sent: input.sent.map((entry) => ({ ...entry, offset: Math.min(entry.offset, offset) })) });
}

/** Only acceptances are remembered. */
export function refusalsForgotten(input: DecideInput): Decision {
  return decide({ ...input, sent: input.sent.filter(({ outcome }) => outcome !== 'refused') });
}

/** Who is no member is refused before anybody looks whether the command is a duplicate. */
export function membershipFirst(input: DecideInput): Decision {
  const role = roleAt(input.members.get(input.command.actor), input.position.offset);
  const isCreating = input.command.body.type === 'chat.create';
  return decide(role === null && !isCreating ? { ...input, sent: [] } : input);
}

/** However long ago an edge has read it, a record is taken for fresh. */
export function lateCopiesTaken(input: DecideInput): Decision {
  const sentAt = Math.max(input.command.sentAt, input.position.timestamp);
  return decide({ ...input, command: { ...input.command, sentAt } });
}
