import type { Bus } from '@garam/bus/bus';
import { TYPING_TTL_MS } from '@garam/protocol/limits';
import type { Clock } from '@garam/runtime/clock';
import type { SharedPush as Shared } from '../shared-push.ts';
import { SharedPush } from '../shared-push.ts';
import { publishTo } from '../publish.ts';

export interface Typing {
  /** A local user types or has stopped: told to all gateways of the chat. */
  say(chat: string, user: string, on: boolean): void;
  /** The bus says so. */
  heard(chat: string, user: string, on: boolean): void;
}

export interface TypingDeps {
  bus: Pick<Bus, 'routes' | 'publish'>;
  clock: Clock;
  /** Gives the push to whoever is to see it in this chat. */
  push(chat: string, push: Shared): void;
}

const SHOWN_MAX = 3;
/** A renewal is passed on at most this often per user and chat. */
const SAY_EVERY_MS = 2_000;
const USERS_MAX = 1_000;

interface TypingChat {
  /** Until when, monotonic ms; in the order they began. */
  users: Map<string, number>;
  isDirty: boolean;
}

/** Who types where: sets with an expiry, pushed whole, merged per window. */
export function createTyping(deps: TypingDeps, options: { windowMs: number }): Typing {
  const { clock } = deps;
  const chats = new Map<string, TypingChat>();
  const said = new Map<string, { on: boolean; at: number }>();
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    clock.after(options.windowMs, () => {
      isScheduled = false;
      sweep();
    });
  }

  function sweep(): void {
    const now = clock.monotonic();
    for (const [chat, typing] of chats) {
      for (const [user, until] of typing.users) {
        if (until > now) continue;
        typing.users.delete(user);
        typing.isDirty = true;
      }
      if (typing.isDirty) show(chat, typing);
      if (typing.users.size === 0) chats.delete(chat);
    }
    for (const [key, { at }] of said) if (now - at > SAY_EVERY_MS) said.delete(key);
    if (chats.size > 0 || said.size > 0) schedule();
  }

  function show(chat: string, typing: TypingChat): void {
    typing.isDirty = false;
    const users = [...typing.users.keys()];
    const shown = users.slice(0, SHOWN_MAX);
    deps.push(chat, new SharedPush({ t: 'typing', chat, users: shown, more: users.length - shown.length }));
  }

  return {
    say(chat, user, on) {
      const now = clock.monotonic();
      const key = `${chat} ${user}`;
      const before = said.get(key);
      if (before !== undefined && before.on === on && now - before.at < SAY_EVERY_MS) return;
      said.set(key, { on, at: now });
      schedule();
      publishTo(deps.bus, `chat:${chat}`, { kind: 'typing', chat, user, on }).catch(() => {
        // Typing is told again in a moment, or has passed.
      });
    },
    heard(chat, user, on) {
      let typing = chats.get(chat);
      if (typing === undefined) {
        if (!on) return;
        chats.set(chat, (typing = { users: new Map(), isDirty: false }));
      }
      if (on) {
        if (typing.users.size >= USERS_MAX && !typing.users.has(user)) return;
        typing.users.set(user, clock.monotonic() + TYPING_TTL_MS);
      } else if (!typing.users.delete(user)) return;
      typing.isDirty = true;
      schedule();
    },
  };
}
