/** At most so many at the same time; the others wait in their order. */
export interface Slots {
  readonly waiting: number;
  /** Runs the task once there is a slot. */
  run<T>(task: () => Promise<T>): Promise<T>;
}

export function createSlots(max: number): Slots {
  let free = max;
  let queue: (() => void)[] = [];
  let next = 0;

  function release(): void {
    const waiter = queue[next];
    if (waiter === undefined) {
      free++;
      return;
    }
    next++;
    if (next === queue.length || next > 1_000) {
      queue = queue.slice(next);
      next = 0;
    }
    waiter();
  }

  return {
    get waiting() {
      return queue.length - next;
    },
    async run(task) {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => queue.push(resolve));
      try {
        return await task();
      } finally {
        release();
      }
    },
  };
}
