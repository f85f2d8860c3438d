/** People: profiles, preferences per chat, standing, blocks. Last writer wins by `at` (ms), per field where partial. */
export interface UserStore {
  /** Name and avatar as a whole: an absent avatar takes it away. `lastSeenAt` is not written here. */
  putProfile(profile: Profile): Promise<void>;
  /** Unknown ids are absent; in no particular order. */
  profiles(users: readonly string[]): Promise<Profile[]>;
  /** Raises the time the user was last seen, ms. */
  touch(user: string, lastSeenAt: number): Promise<void>;

  /** Fields present are written. `hiddenThroughSeq: 0` shows the chat again. */
  putPrefs(user: string, chat: string, prefs: Prefs, at: number): Promise<void>;

  /** Of unknown users: nothing against them. */
  standing(user: string): Promise<Standing>;
  /** Fields present are written. */
  putStanding(user: string, change: Partial<Standing>, at: number): Promise<void>;

  /** `on`: `user` refuses what `other` sends to them directly. */
  block(user: string, other: string, on: boolean, at: number): Promise<void>;
  /** Whether `user` has blocked `other`. */
  hasBlocked(user: string, other: string): Promise<boolean>;
}

export interface Profile {
  user: string;
  name: string;
  avatar?: string;
  at: number;
  lastSeenAt?: number;
}

export interface Prefs {
  muted?: boolean;
  pinned?: boolean;
  hiddenThroughSeq?: number;
}

/** What an operator has decided about a user. */
export interface Standing {
  banned: boolean;
  /** May not send until then, ms; 0: may. */
  silencedUntil: number;
  /** Tokens issued before this are refused, ms; 0: none. */
  revokedBefore: number;
}
