/** One partition of one topic that is read here whenever its usual way is in doubt. */
export class TailLine {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the next record to read; undefined while it is not known where to begin. */
  next: number | undefined = undefined;
  isOn = false;
  /** Set while switching back: reading ends here. */
  until: number | undefined = undefined;
  /** Looks since the last heartbeat. */
  missedLooks = 0;
  /** Monotonic ms: the usual way was last proven healthy. */
  heardAt: number;
  /** What the usual way had handled at the last heartbeat reaches what was read here one heartbeat before. */
  isCaughtUp = false;
  #nextAtHeard: number | undefined = undefined;

  constructor(topic: string, partition: number, startedAt: number) {
    this.topic = topic;
    this.partition = partition;
    this.heardAt = startedAt;
  }

  /** @param offset everything below has been handled the usual way */
  heard(offset: number, now: number): void {
    this.missedLooks = 0;
    this.heardAt = now;
    this.isCaughtUp = this.#nextAtHeard !== undefined && offset >= this.#nextAtHeard;
    this.#nextAtHeard = this.isOn ? this.next : undefined;
  }

  begin(): void {
    this.isOn = true;
    this.next = undefined;
    this.until = undefined;
    this.isCaughtUp = false;
    this.#nextAtHeard = undefined;
  }

  end(): void {
    this.isOn = false;
    this.next = undefined;
    this.until = undefined;
  }
}
