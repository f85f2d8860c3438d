/** Where a handler waits while its partition holds as much as it may: the log's back-pressure. */
export interface Room {
  /** Resolves when there is room again, or when the assignment ended. */
  free(): Promise<void>;
  /** Something has become less: whoever waits looks again. */
  look(): void;
}

export function createRoom(signal: AbortSignal, hasRoom: () => boolean): Room {
  let waiting: (() => void)[] = [];
  const look = (): void => {
    if (waiting.length === 0 || !(signal.aborted || hasRoom())) return;
    const freed = waiting;
    waiting = [];
    for (const resolve of freed) resolve();
  };
  signal.addEventListener('abort', look, { once: true });
  return {
    look,
    free() {
      if (signal.aborted || hasRoom()) return Promise.resolve();
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}
