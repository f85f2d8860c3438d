import type { Role } from '@garam/contracts/chat-values';
import type { CommandRecord } from '@garam/contracts/command-record';
import type { ChatState } from '../chat-state.ts';

/** What a rule may know: the chat, who acts, and the roles of others, all as of the command's offset. */
export interface RuleContext {
  state: ChatState;
  actor: Actor;
  roleOf(user: string): Role | null;
}

export interface Actor {
  id: string;
  role: Role | null;
  /** A server's command: needs no membership, stands above the owner. */
  privileged: boolean;
}

const SERVICE_PREFIX = 'service:';
const RANKS = { owner: 3, admin: 2, member: 1 } as const satisfies Record<Role, number>;
export const ADMIN_RANK = RANKS.admin;

export function isService(user: string): boolean {
  return user.startsWith(SERVICE_PREFIX);
}

export function isPrivileged({ actor, privileged }: CommandRecord): boolean {
  return privileged === true || isService(actor);
}

export function rankOf(role: Role | null): number {
  return role === null ? 0 : RANKS[role];
}

/** Compared with roles' ranks: higher may act on lower. */
export function rankOfActor(actor: Actor): number {
  return actor.privileged ? RANKS.owner + 1 : rankOf(actor.role);
}
