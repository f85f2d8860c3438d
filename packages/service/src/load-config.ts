import type { z } from 'zod';

/** Environment as given to a process; only a main.ts reads it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** All problems of a configuration at once, one line each. */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(`Configuration is not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/**
 * Reads the keys of `schema` from the environment. An empty variable counts as unset.
 * @throws ConfigError naming every problem.
 */
export function loadConfig<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  environment: Environment,
): z.infer<z.ZodObject<Shape>> {
  const given: Record<string, string> = {};
  for (const key of Object.keys(schema.shape)) {
    const value = environment[key];
    if (value !== undefined && value !== '') given[key] = value;
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
}
