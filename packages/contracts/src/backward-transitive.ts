import { avroType } from './avro-type.ts';

/**
 * Why data written under an older schema cannot be read under the newer one; empty when all can. Versions ascend: each
 * must read every one before it, since the log keeps records of all of them.
 */
export function backwardBreaks(versions: readonly unknown[]): string[] {
  const types = versions.map(avroType);
  const breaks: string[] = [];
  types.forEach((reader, newer) => {
    for (const [older, writer] of types.slice(0, newer).entries()) {
      try {
        reader.createResolver(writer);
      } catch (error) {
        breaks.push(`version ${newer + 1} cannot read version ${older + 1}: ${(error as Error).message}`);
      }
    }
  });
  return breaks;
}
