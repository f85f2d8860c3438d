/**
 * What clients know a log by. A log goes by its own id, unless it took over the chats of another one: then it goes on
 * under that one's name, and cursors stay good. Names belong to ids: a log that is made anew has none.
 */
export interface LogNames {
  /** null: the log has no name but its id. */
  find(logId: string): Promise<LogName | null>;
  /** Last writer wins by `at`, ms. */
  put(logId: string, name: LogName, at: number): Promise<void>;
}

export interface LogName {
  name: string;
  /** false: chats are still being brought into this log; nobody may work with it yet. */
  isComplete: boolean;
}
