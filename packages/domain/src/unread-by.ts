/** A member as the count needs it: first visible seq, and read mark. */
export interface ReadingMember {
  user: string;
  from: number;
  read: number;
}

/**
 * For each message of a dense, ascending run: how many members other than its author may see it and have not read it.
 * One pass over the members, however long the run.
 */
export function unreadBy(
  messages: readonly { seq: number; by: string }[],
  members: Iterable<ReadingMember>,
): [seq: number, count: number][] {
  const first = messages[0]?.seq ?? 0;
  const authors = new Map<string, ReadingMember | null>(messages.map(({ by }) => [by, null]));
  const begin = new Int32Array(messages.length);
  for (const member of members) {
    if (authors.has(member.user)) authors.set(member.user, member);
    const index = Math.max(firstUnread(member) - first, 0);
    if (index < begin.length) begin[index]! += 1;
  }
  let waiting = 0;
  return messages.map(({ seq, by }, index) => {
    waiting += begin[index]!;
    const author = authors.get(by);
    const own = author && firstUnread(author) <= seq ? 1 : 0;
    return [seq, waiting - own];
  });
}

function firstUnread({ from, read }: ReadingMember): number {
  return Math.max(from, read + 1);
}
