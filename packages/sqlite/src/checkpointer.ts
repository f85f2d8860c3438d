import { Worker } from 'node:worker_threads';

export interface CheckpointWorkerData {
  path: string;
  /** Frames in the write-ahead log from which they are moved into the file. */
  pages: number;
}

export interface CheckpointReport {
  /** Whether the frames were many enough to be moved. */
  isMoved: boolean;
  /** Frames that came meanwhile. */
  waiting: number;
}

export interface CheckpointerOptions {
  path: string;
  pages: number;
  /** Moves what came while the worker was at it; only then does the write-ahead log begin anew. */
  finish(): void;
}

/** Few enough to be moved between two commits without anybody noticing. */
const FINISH_FRAMES_MAX = 1_000;
/** The worker is asked to look after so many commits. A file that is written to seldom never has one. */
const COMMITS_BETWEEN_LOOKS = 200;

/**
 * Keeps checkpoints (tens of milliseconds of copying and syncing) out of the commits that would otherwise meet them. When
 * the worker cannot run, SQLite's own automatic checkpoint bounds the write-ahead log.
 */
export class Checkpointer {
  readonly #options: CheckpointerOptions;
  #worker: Worker | undefined;
  #commits = 0;
  #isLooking = false;
  #isEnded = false;

  constructor(options: CheckpointerOptions) {
    this.#options = options;
  }

  committed(): void {
    this.#commits += 1;
    if (this.#commits >= COMMITS_BETWEEN_LOOKS && !this.#isLooking && !this.#isEnded) this.#look();
  }

  async close(): Promise<void> {
    this.#isEnded = true;
    await this.#worker?.terminate();
  }

  #look(): void {
    this.#commits = 0;
    this.#isLooking = true;
    this.#worker ??= this.#start();
    this.#worker.postMessage('look');
  }

  #start(): Worker {
    const { path, pages } = this.#options;
    const worker = new Worker(new URL('./checkpoint-worker.ts', import.meta.url), {
      workerData: { path, pages } satisfies CheckpointWorkerData,
    });
    worker.unref();
    worker.on('message', (report: CheckpointReport) => this.#reported(report));
    worker.on('error', () => (this.#isEnded = true));
    return worker;
  }

  #reported({ isMoved, waiting }: CheckpointReport): void {
    this.#isLooking = false;
    if (this.#isEnded || !isMoved) return;
    if (waiting > FINISH_FRAMES_MAX) this.#look();
    else this.#finish();
  }

  #finish(): void {
    try {
      this.#options.finish();
    } catch {
      // A full or broken disk: the next commit meets it too, and tells whoever writes.
      this.#isEnded = true;
    }
  }
}
