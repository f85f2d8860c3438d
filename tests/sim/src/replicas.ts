import { StoreError } from '@garam/store/store';
import type { SimProcess } from './sim-process.ts';
import type { World } from './world.ts';

/** One value of a row with its write timestamp. */
interface Cell {
  ts: number;
  value: unknown;
}

type Row = Map<string, Cell>;
/** Rows of one partition by key. */
type Partition = Map<string, Row>;

export interface RowWrite {
  table: string;
  partition: string;
  key: string;
  /** Column → value; undefined leaves the column as it is. */
  cells: Record<string, unknown>;
  ts: number;
  /** Timestamps of columns with their own. */
  tsOf?: Record<string, number>;
}

export type ReadRow = Record<string, unknown>;

const COPIES = 3;
const QUORUM = 2;

/**
 * A replicated table store: every row on three replicas, last writer by timestamp wins, cell by cell. A write is
 * acknowledged by two; the third may be late or never get it, and of a write that failed any replica may have it. A
 * read asks two, merges, and repairs the rows it has read, and only those.
 */
export class Replicas {
  readonly #world: World;
  readonly #replicas: Map<string, Partition>[] = Array.from({ length: COPIES }, () => new Map());
  /** Tables whose writes win by arrival: a store that ignores timestamps. */
  readonly ignoresTimestampsOf: (table: string) => boolean;

  constructor(world: World, options: { ignoresTimestampsOf?: (table: string) => boolean } = {}) {
    this.#world = world;
    this.ignoresTimestampsOf = options.ignoresTimestampsOf ?? (() => false);
  }

  /** Rows are independent: any of them may fail, and they arrive in any order. */
  async write(process: SimProcess, rows: readonly RowWrite[]): Promise<void> {
    await Promise.all(rows.map((row) => this.#writeRow(process, row)));
  }

  async readRow(process: SimProcess, table: string, partition: string, key: string): Promise<ReadRow | undefined> {
    const rows = await this.#read(process, `${table} ${partition}`, (candidate) => candidate === key);
    return rows.get(key);
  }

  /** Rows of a partition whose key is wanted, by key. */
  readRows(
    process: SimProcess,
    table: string,
    partition: string,
    wants: (key: string) => boolean = () => true,
  ): Promise<Map<string, ReadRow>> {
    return this.#read(process, `${table} ${partition}`, wants);
  }

  /** What any quorum must agree on once everything has settled: two replicas, chosen here, merged. */
  peek(table: string, partition: string, pair: readonly [number, number] = [0, 1]): Map<string, ReadRow> {
    return this.#merge(`${table} ${partition}`, pair, () => true);
  }

  #writeRow(process: SimProcess, row: RowWrite): Promise<void> {
    const { store } = this.#world.profile;
    return new Promise((resolve, reject) => {
      let acknowledged = 0;
      let isSettled = false;
      const timeoutMs = this.#world.random.between(400, 2_000);
      let isTimeoutNeeded = false;
      const applied = () => {
        if (++acknowledged !== QUORUM) return;
        process.schedule(this.#world.latencyMs(1), () => {
          if (isSettled) return;
          isSettled = true;
          resolve();
        });
      };
      for (let copy = 0; copy < COPIES; copy++) {
        if (this.#world.fault('replica write lost', store.replicaLost)) {
          isTimeoutNeeded = true;
          continue;
        }
        const isLate = this.#world.fault('replica write late', store.replicaLate);
        isTimeoutNeeded ||= isLate;
        const arrive = () => {
          this.#apply(copy, row);
          applied();
        };
        if (isLate) this.#world.arriveLate(this.#world.random.between(100, 9_000), arrive);
        else this.#world.scheduler.schedule(this.#world.latencyMs(this.#world.profile.store.latencyMs), arrive);
      }
      if (!isTimeoutNeeded) return;
      process.schedule(timeoutMs, () => {
        if (isSettled) return;
        isSettled = true;
        reject(new StoreError('write timed out'));
      });
    });
  }

  #read(process: SimProcess, name: string, wants: (key: string) => boolean): Promise<Map<string, ReadRow>> {
    const { random, profile } = this.#world;
    return new Promise((resolve, reject) => {
      if (this.#world.fault('store read failed', profile.store.readFailed)) {
        return void process.schedule(random.between(5, 1_000), () => reject(new StoreError('read timed out')));
      }
      const skipped = random.integer(COPIES);
      const pair = [(skipped + 1) % COPIES, (skipped + 2) % COPIES] as const;
      this.#world.scheduler.schedule(this.#world.latencyMs(this.#world.profile.store.latencyMs), () => {
        const rows = this.#merge(name, pair, wants);
        process.schedule(this.#world.latencyMs(1), () => resolve(rows));
      });
    });
  }

  /** Merges the copies and writes the result back to both. */
  #merge(name: string, [one, other]: readonly [number, number], wants: (key: string) => boolean): Map<string, ReadRow> {
    const first = this.#replicas[one]!.get(name);
    const second = this.#replicas[other]!.get(name);
    const rows = new Map<string, ReadRow>();
    for (const key of new Set([...(first?.keys() ?? []), ...(second?.keys() ?? [])])) {
      if (!wants(key)) continue;
      const left = this.#rowOf(one, name, key);
      const right = this.#rowOf(other, name, key);
      const repaired = this.#copyCells(name, left, right) + this.#copyCells(name, right, left);
      if (repaired > 0) this.#world.stats.readRepairs += 1;
      const row: ReadRow = {};
      for (const [column, cell] of left) row[column] = cell.value;
      rows.set(key, row);
    }
    return rows;
  }

  #copyCells(name: string, from: Row, to: Row): number {
    let copied = 0;
    for (const [column, cell] of from) {
      const known = to.get(column);
      if (known === cell || (known !== undefined && known.ts === cell.ts && known.value === cell.value)) continue;
      if (known === undefined || wins(cell, known)) {
        to.set(column, cell);
        copied += 1;
      }
    }
    return copied;
  }

  #apply(copy: number, { table, partition, key, cells, ts, tsOf }: RowWrite): void {
    const row = this.#rowOf(copy, `${table} ${partition}`, key);
    const isByArrival = this.ignoresTimestampsOf(table);
    for (const column in cells) {
      const value = cells[column];
      if (value === undefined) continue;
      const cell: Cell = { ts: isByArrival ? this.#world.scheduler.nowMs : (tsOf?.[column] ?? ts), value };
      const known = row.get(column);
      if (known === undefined || wins(cell, known)) row.set(column, cell);
    }
  }

  #rowOf(copy: number, name: string, key: string): Row {
    const replica = this.#replicas[copy]!;
    let partition = replica.get(name);
    if (partition === undefined) replica.set(name, (partition = new Map()));
    let row = partition.get(key);
    if (row === undefined) partition.set(key, (row = new Map()));
    return row;
  }
}

/** At equal timestamps the greater value wins, so that all replicas come to the same. */
function wins(cell: Cell, known: Cell): boolean {
  if (cell.ts !== known.ts) return cell.ts > known.ts;
  if (cell.value === known.value) return false;
  return JSON.stringify(cell.value) > JSON.stringify(known.value);
}
