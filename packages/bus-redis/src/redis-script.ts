import type { RedisClient } from './open-client.ts';
import type { ScriptName } from './lua-scripts.ts';
import { groupKeys, type KeyGroup } from './group-keys.ts';
import type { RedisCalls } from './redis-calls.ts';

export interface ScriptDeps {
  client: RedisClient;
  calls: RedisCalls;
  isCluster: boolean;
}

type Argument = string | number | Uint8Array;

/** Commands of one call on their way at a time; more go afterwards, so that a big call does not crowd out others. */
const COMMANDS_AT_ONCE = 500;

/** Runs a script on many keys; its answers in the order of the keys. @throws BusError */
export async function runOnKeys<T>(
  deps: ScriptDeps,
  name: ScriptName,
  keys: readonly string[],
  args: readonly Argument[],
): Promise<T[]> {
  const found: T[] = [];
  const groups = groupKeys(keys, deps.isCluster);
  for (let start = 0; start < groups.length; start += COMMANDS_AT_ONCE) {
    const wave = groups.slice(start, start + COMMANDS_AT_ONCE);
    const answers = await deps.calls.run({ commands: wave.length }, () =>
      allAnswered(wave.map((group) => deps.client[name](group.keys.length, ...group.keys, ...args))),
    );
    for (const [index, group] of wave.entries()) place(found, group, answers[index] as T[]);
  }
  return found;
}

function place<T>(found: T[], group: KeyGroup, answers: T[]): void {
  for (const [index, at] of group.places.entries()) found[at] = answers[index]!;
}

/** Like Promise.all, but when one fails it still waits for the others: they are on their way until then. */
export async function allAnswered<T>(running: readonly Promise<T>[]): Promise<T[]> {
  if (running.length === 1) return [await running[0]!];
  const answers: T[] = [];
  for (const answer of await Promise.allSettled(running)) {
    if (answer.status === 'rejected') throw answer.reason;
    answers.push(answer.value);
  }
  return answers;
}
