import type { MemberEvidence, SeenMessage, SendRecord, Violation } from './evidence.ts';

/**
 * Holds what was sent and acknowledged against what every member finally sees. Clean means: every acknowledged message
 * is in every member's history once and at the acknowledged place, nothing else is there, all members see one order,
 * no seq and no rev is missing, each sender's messages stand in the order they were sent, what was acknowledged before
 * another send began stands before it, and the live views ended up equal to the history.
 */
export function checkEvidence(sends: readonly SendRecord[], members: readonly MemberEvidence[]): Violation[] {
  const byChat = Map.groupBy(sends, ({ chat }) => chat);
  const violations: Violation[] = [];
  for (const member of members) {
    const checks = new MemberChecks(member, byChat.get(member.chat) ?? []);
    violations.push(...checks.run());
  }
  for (const [chat, ofChat] of Map.groupBy(members, (member) => member.chat)) {
    violations.push(...sameForAll(ofChat), ...realTimeOrder(chat, byChat.get(chat) ?? []));
  }
  for (const send of sends) {
    if (send.outcome === 'pending') violations.push({ rule: 'unsettled', detail: describe(send) });
  }
  return violations;
}

class MemberChecks {
  readonly #member: MemberEvidence;
  readonly #sends: readonly SendRecord[];
  readonly #sent: Map<string, SendRecord>;
  readonly #violations: Violation[] = [];

  constructor(member: MemberEvidence, sends: readonly SendRecord[]) {
    this.#member = member;
    this.#sends = sends;
    this.#sent = new Map(sends.map((send) => [keyOf(send), send]));
  }

  run(): Violation[] {
    this.#everyAcknowledgedOnce();
    this.#nothingElse();
    this.#dense();
    this.#fifo();
    this.#syncEqualsHistory();
    this.#liveEqualsHistory();
    return this.#violations;
  }

  #everyAcknowledgedOnce(): void {
    const seen = Map.groupBy(this.#member.history, keyOf);
    for (const [key, copies] of seen) {
      if (copies.length > 1) this.#add('doubled', `${key} at seqs ${copies.map(({ seq }) => seq).join(', ')}`);
    }
    for (const send of this.#sends) {
      if (send.outcome !== 'acked') continue;
      const found = seen.get(keyOf(send))?.[0];
      if (found === undefined) this.#add('lost', describe(send));
      else if (found.seq !== send.seq || found.rev !== send.rev) {
        this.#add('ack mismatch', `${describe(send)}, but stands at seq ${found.seq} rev ${found.rev}`);
      }
    }
  }

  #nothingElse(): void {
    for (const message of this.#member.history) {
      const send = this.#sent.get(keyOf(message));
      if (send === undefined || send.firstWrittenAt === null) this.#add('never sent', describe(message));
      else if (send.outcome === 'refused') this.#add('refused but visible', describe(message));
      else if (send.text !== message.text) this.#add('changed text', describe(message));
    }
  }

  #dense(): void {
    const { history, events, head } = this.#member;
    history.forEach(({ seq }, i) => {
      if (seq !== i + 1) this.#add('seq not dense', `place ${i + 1} holds seq ${seq}`);
    });
    if (history.length !== head.seq) this.#add('seq not dense', `${history.length} messages, head.seq ${head.seq}`);
    events.forEach(({ rev }, i) => {
      if (rev !== i + 1) this.#add('rev not dense', `place ${i + 1} holds rev ${rev}`);
    });
    if (events.length !== head.rev) this.#add('rev not dense', `${events.length} events, head.rev ${head.rev}`);
  }

  #fifo(): void {
    const lastOf = new Map<string, number>();
    for (const message of this.#member.history) {
      const order = this.#sent.get(keyOf(message))?.order;
      if (order === undefined) continue;
      const last = lastOf.get(message.by) ?? -1;
      if (order < last) this.#add('not in sending order', `${describe(message)}: send ${order} after send ${last}`);
      lastOf.set(message.by, Math.max(order, last));
    }
  }

  #syncEqualsHistory(): void {
    const messages = this.#member.events.flatMap(({ message }) => (message === null ? [] : [message]));
    this.#compare('sync differs from history', messages, this.#member.history);
  }

  #liveEqualsHistory(): void {
    const { live, liveFrom, liveTo, head, history } = this.#member;
    const expected = history.filter(({ rev }) => rev > liveFrom.rev);
    this.#compare('live view differs from history', live, expected);
    if (liveTo.rev !== head.rev)
      this.#add('live view differs from history', `ends at rev ${liveTo.rev}, head ${head.rev}`);
  }

  #compare(rule: string, actual: readonly SeenMessage[], expected: readonly SeenMessage[]): void {
    const place = firstDifference(actual, expected);
    if (place === null) return;
    const [left, right] = [actual[place], expected[place]];
    this.#add(
      rule,
      `at place ${place + 1}: ${left ? describe(left) : 'nothing'} instead of ${right ? describe(right) : 'nothing'}`,
    );
  }

  #add(rule: string, detail: string): void {
    this.#violations.push({ rule, detail: `chat ${this.#member.chat}, member ${this.#member.user}: ${detail}` });
  }
}

/** Every member sees the same messages at the same places. */
function sameForAll(members: readonly MemberEvidence[]): Violation[] {
  const [first, ...others] = members;
  return others.flatMap(({ chat, user, history }) => {
    const place = firstDifference(history, first!.history);
    const detail = `chat ${chat}: ${user} and ${first!.user} differ at place ${(place ?? 0) + 1}`;
    return place === null ? [] : [{ rule: 'members see different orders', detail }];
  });
}

/** Acknowledged before another send of the chat was first written ⇒ lower seq. */
function realTimeOrder(chat: string, sends: readonly SendRecord[]): Violation[] {
  const acked = sends.filter(({ outcome }) => outcome === 'acked').sort((a, b) => a.seq! - b.seq!);
  const violations: Violation[] = [];
  let latest: SendRecord | null = null;
  for (const send of acked) {
    if (latest !== null && latest.firstWrittenAt! > send.ackedAt!) {
      const detail = `chat ${chat}: ${describe(send)} was acknowledged before ${describe(latest)} was sent`;
      violations.push({ rule: 'not in real-time order', detail });
    }
    if (latest === null || send.firstWrittenAt! > latest.firstWrittenAt!) latest = send;
  }
  return violations;
}

function firstDifference(left: readonly SeenMessage[], right: readonly SeenMessage[]): number | null {
  const length = Math.max(left.length, right.length);
  for (let i = 0; i < length; i += 1) {
    const [a, b] = [left[i], right[i]];
    if (a === undefined || b === undefined) return i;
    if (a.seq !== b.seq || a.rev !== b.rev || keyOf(a) !== keyOf(b) || a.text !== b.text) return i;
  }
  return null;
}

function keyOf({ by, clientId }: { by: string; clientId: string }): string {
  return `${by}/${clientId}`;
}

function describe({
  by,
  clientId,
  seq,
  rev,
}: {
  by: string;
  clientId: string;
  seq: number | null;
  rev: number | null;
}): string {
  return seq === null ? `${by}/${clientId}` : `${by}/${clientId} (seq ${seq}, rev ${rev})`;
}
