import { createAvroCodec } from './avro-codec.ts';
import type { CommandBody, CommandRecord, CommandType } from './command-record.ts';
import { isSoundCommand } from './sound-command.ts';
import { bodyWrapper } from './body-branch.ts';

export const COMMAND_TYPES = [
  'chat.create',
  'chat.update',
  'chat.join',
  'chat.leave',
  'member.add',
  'member.remove',
  'member.role',
  'message.send',
  'message.edit',
  'message.delete',
  'reaction.set',
] as const satisfies readonly CommandType[];

const wrapBody = bodyWrapper<CommandBody>(COMMAND_TYPES);

/** Values of `garam.chat.commands.v1`. */
export const commandCodec = createAvroCodec<CommandRecord>('chat-command', {
  toAvro: ({ chat, actor, clientId, attempt, sentAt, digest, refuse, privileged, cause, body }) => ({
    chat,
    actor,
    clientId,
    attempt,
    sentAt,
    digest,
    refuse,
    privileged,
    cause,
    body: wrapBody(body),
  }),
  fromAvro: (command: CommandRecord) => (isSoundCommand(command) ? command : null),
});

export function encodeCommand(command: CommandRecord): Uint8Array {
  return commandCodec.encode(command);
}

/**
 * null: the bytes are no command, or one whose values no rule knows (an unknown role, a negative attempt). What is
 * returned can be decided without an exception.
 */
export function decodeCommand(bytes: Uint8Array): CommandRecord | null {
  return commandCodec.decode(bytes);
}
