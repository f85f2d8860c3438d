import type { ChatKind, Mention, MessageContent, Role, Settings } from './chat-values.ts';

/**
 * A record of `garam.chat.commands.v1`: the wish of an actor, already checked for everything that depends on
 * configuration or on the clock. The sequencer decides it from the log alone.
 */
export interface CommandRecord {
  chat: string;
  /** A user id, or `service:<sub>`. */
  actor: string;
  clientId: string;
  /** 1, or ≥ 2 when the sender repeats itself. HTTP calls are always ≥ 2. */
  attempt: number;
  /** When the edge read the frame, in ms, corrected towards the broker's clock. */
  sentAt: number;
  /** Digest of the user's own fields in canonical form (domain/canonical-json.ts). */
  digest: string;
  /** Set when the edge would refuse this repeated attempt permanently: an error name of the wire. */
  refuse?: string;
  /** A server's command: no membership is needed. */
  privileged?: boolean;
  /** Who waits for the answer: the gateway or api instance and its number for this command. */
  cause: Cause;
  body: CommandBody;
}

export interface Cause {
  /** Instance id of the edge that appended the command. */
  origin: string;
  /** Unique per origin. */
  command: number;
}

export type CommandBody =
  | {
      type: 'chat.create';
      kind: ChatKind;
      /** With the actor, without doubles. */
      members: string[];
      title?: string;
      avatar?: string;
      settings: Settings;
      /** Members the chat may have at most, as configured at the edge. */
      capacity: number;
    }
  | { type: 'chat.update'; title?: string; avatar?: string; settings?: Partial<Settings> }
  | { type: 'chat.join'; capacity: number }
  | { type: 'chat.leave' }
  | { type: 'member.add'; users: string[]; capacity: number }
  | { type: 'member.remove'; user: string }
  | { type: 'member.role'; user: string; role: Role }
  | ({ type: 'message.send' } & MessageContent)
  /** `author` was read from the immutable message row by the edge. */
  | { type: 'message.edit'; seq: number; author: string; text?: string; data?: string; mentions?: Mention[] }
  | { type: 'message.delete'; seq: number; author: string }
  | { type: 'reaction.set'; seq: number; emoji: string; on: boolean };

export type CommandType = CommandBody['type'];
