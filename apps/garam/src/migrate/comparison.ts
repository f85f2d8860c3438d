import { isDeepStrictEqual } from 'node:util';

/** What was compared, and what differs. */
export interface Compared {
  what: string;
  old: number;
  new: number;
  differing: number;
}

const EXAMPLES_MAX = 20;

/** Collects what a comparison finds, by kind. */
export class Comparison {
  readonly #kinds = new Map<string, Compared>();
  /** The first differences, for people. */
  readonly examples: string[] = [];
  differing = 0;

  /** Counts as given, or 1 for each side that is there. */
  add(what: string, of: string, sides: { old: unknown; new: unknown; counts?: { old: number; new: number } }): void {
    const kind = this.#kindOf(what);
    kind.old += sides.counts?.old ?? countOf(sides.old);
    kind.new += sides.counts?.new ?? countOf(sides.new);
    if (isDeepStrictEqual(sides.old, sides.new)) return;
    kind.differing++;
    this.differing++;
    if (this.examples.length < EXAMPLES_MAX)
      this.examples.push(`${what} of ${of}: ${shortly(sides.old)} became ${shortly(sides.new)}`);
  }

  get kinds(): Compared[] {
    return [...this.#kinds.values()];
  }

  #kindOf(what: string): Compared {
    let kind = this.#kinds.get(what);
    if (kind === undefined) this.#kinds.set(what, (kind = { what, old: 0, new: 0, differing: 0 }));
    return kind;
  }
}

function countOf(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  return value === null || value === undefined ? 0 : 1;
}

function shortly(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 200);
}
