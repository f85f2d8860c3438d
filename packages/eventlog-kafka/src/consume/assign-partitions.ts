import type { PartitionRef } from '../read/partition-offsets.ts';

export interface GroupMember {
  id: string;
  topics: readonly string[];
  /** What it holds now. */
  owned: readonly PartitionRef[];
}

export interface GroupPlan {
  /** What each member may hold now. */
  shares: Map<string, PartitionRef[]>;
  /** False while partitions wait for their holder to let go: the group must join once more. */
  isSettled: boolean;
}

/**
 * Shares the partitions of each topic evenly among the members that want it and moves as few as possible. A partition
 * that is to move is given to nobody until its holder, still in the group, has let go: so two members never work on it
 * at the same time, and those that stay are not interrupted. The same input gives the same plan.
 */
export function assignPartitions(members: readonly GroupMember[], partitionsOf: (topic: string) => number): GroupPlan {
  const ordered = members.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const owners = ownersOf(ordered);
  const shares = new Map<string, PartitionRef[]>(ordered.map(({ id }) => [id, []]));
  const topics = [...new Set(ordered.flatMap((member) => member.topics))].toSorted();
  let isSettled = true;
  for (const topic of topics) {
    const wanting = ordered.filter((member) => member.topics.includes(topic)).map(({ id }) => id);
    const targets = shareTopic({ topic, partitions: partitionsOf(topic), wanting, owners, shares });
    for (const [partition, target] of targets.entries()) {
      const owner = owners.get(`${topic}/${partition}`);
      if (owner === undefined || owner === target) shares.get(target)!.push({ topic, partition });
      else isSettled = false;
    }
  }
  return { shares, isSettled };
}

/** Who holds what; claims that contradict each other count for nothing but keep the partition from moving at once. */
function ownersOf(members: readonly GroupMember[]): Map<string, string> {
  const owners = new Map<string, string>();
  for (const { id, owned } of members) {
    for (const { topic, partition } of owned) owners.set(`${topic}/${partition}`, id);
  }
  return owners;
}

interface TopicShare {
  topic: string;
  partitions: number;
  wanting: readonly string[];
  owners: ReadonlyMap<string, string>;
  /** What members have got of other topics: those with less get what is left over. */
  shares: ReadonlyMap<string, readonly PartitionRef[]>;
}

/** The member each partition of a topic shall go to. */
function shareTopic({ topic, partitions, wanting, owners, shares }: TopicShare): string[] {
  const targets: string[] = [];
  const counts = new Map(wanting.map((id) => [id, 0]));
  const floor = Math.floor(partitions / wanting.length);
  let extras = partitions % wanting.length;
  const give = (partition: number, id: string) => {
    targets[partition] = id;
    const count = counts.get(id)! + 1;
    counts.set(id, count);
    if (count === floor + 1) extras--;
  };
  const left: number[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const owner = owners.get(`${topic}/${partition}`);
    const count = owner === undefined ? undefined : counts.get(owner);
    const canKeep = count !== undefined && (count < floor || (count === floor && extras > 0));
    if (canKeep) give(partition, owner!);
    else left.push(partition);
  }
  const byNeed = (a: string, b: string) =>
    counts.get(a)! - counts.get(b)! || shares.get(a)!.length - shares.get(b)!.length;
  for (const partition of left) give(partition, wanting.toSorted(byNeed)[0]!);
  return targets;
}
