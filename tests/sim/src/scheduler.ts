import type { Cancel } from '@garam/runtime/clock';

interface Task {
  timeMs: number;
  order: number;
  run: (() => void) | undefined;
}

/**
 * Simulated time. Everything that happens is a task at a time; tasks run one after the other, and between two of them
 * all promises settle. So a run is a function of the times, and those come from the seed.
 */
export class Scheduler {
  nowMs = 0;
  /** Tasks run so far. */
  steps = 0;
  #order = 0;
  readonly #heap: Task[] = [];

  schedule(delayMs: number, run: () => void): Cancel {
    if (Number.isNaN(delayMs)) throw new Error('a task at no time');
    const task: Task = { timeMs: this.nowMs + Math.max(0, delayMs), order: this.#order++, run };
    this.#push(task);
    return () => {
      task.run = undefined;
    };
  }

  /** Runs tasks until `isDone`, asked before each; rejects with what a task throws. */
  run(isDone: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const step = (): void => {
        try {
          if (isDone() || !this.#runNext()) return resolve();
        } catch (error) {
          return reject(error);
        }
        // A tick asked for from a microtask comes only when the queue of microtasks is empty: every promise has settled.
        queueMicrotask(afterMicrotasks);
      };
      const afterMicrotasks = (): void => process.nextTick(step);
      process.nextTick(step);
    });
  }

  #runNext(): boolean {
    for (let task = this.#pop(); task !== undefined; task = this.#pop()) {
      const { run } = task;
      if (run === undefined) continue;
      this.nowMs = task.timeMs;
      this.steps += 1;
      task.run = undefined;
      run();
      return true;
    }
    return false;
  }

  #push(task: Task): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(task);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (isBefore(heap[parent]!, task)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = task;
  }

  #pop(): Task | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (isBefore(last, heap[child]!)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

function isBefore(one: Task, other: Task): boolean {
  return one.timeMs < other.timeMs || (one.timeMs === other.timeMs && one.order < other.order);
}
