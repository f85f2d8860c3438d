/** Every order of the writes, each also with everything written twice: all must end in the same rows. */
export function everyOrder<T>(writes: readonly T[]): T[][] {
  return permutations(writes).flatMap((order) => [order, [...order, ...order.toReversed()]]);
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item].concat(rest)));
}

/** Runs the writes one after the other, as an adapter would see them from one caller. */
export async function inOrder(writes: readonly (() => Promise<void>)[]): Promise<void> {
  for (const write of writes) await write();
}
