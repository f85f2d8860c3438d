/**
 * Bodies are unions tagged by `type` in TypeScript and unions of records in Avro; the names follow one rule:
 * `message.created` is the branch `garam.chat.MessageCreated`.
 */
export function branchOfTag(tag: string): string {
  return `garam.chat.${tag.replaceAll(/(?:^|\.)(\w)/g, (_match, letter: string) => letter.toUpperCase())}`;
}

export function tagOfBranch(branch: string): string {
  const name = branch.slice(branch.lastIndexOf('.') + 1);
  return name.replaceAll(/[A-Z]/g, (letter, at: number) => `${at > 0 ? '.' : ''}${letter.toLowerCase()}`);
}

/** Wraps a tagged body the way avsc takes the value of a union. */
export function bodyWrapper<T extends { type: string }>(tags: readonly T['type'][]): (body: T) => unknown {
  const branches = new Map(tags.map((tag) => [tag, branchOfTag(tag)]));
  return (body) => ({ [branches.get(body.type)!]: body });
}
