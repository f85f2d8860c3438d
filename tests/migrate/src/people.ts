import type { TokenSource } from '@garam/tests-driver/dev-token';
import { until } from '@garam/tests-driver/deadline';
import { CommandRefused, GaramConnection, type Cursor, type Frame } from '@garam/tests-driver/garam-connection';

export interface Person {
  user: string;
  connection: GaramConnection;
  /** The answer to hello. */
  hello: Frame;
  pushes: Frame[];
}

/** Connects a user's one device. */
export async function enter(
  url: string,
  tokens: TokenSource,
  { user, open }: { user: string; open?: readonly Cursor[] },
): Promise<Person> {
  const pushes: Frame[] = [];
  const connection = new GaramConnection({
    url,
    token: await tokens.token(user),
    device: Buffer.from(user).toString('hex').slice(0, 64),
    deadlineMs: 20_000,
    ...(open === undefined ? {} : { open }),
    onPush: (push) => pushes.push(push),
  });
  return { user, connection, hello: await connection.hello(), pushes };
}

const SETTLED_MS = 60_000;

/** A durable command as an outbox sends it: again, with a higher attempt, until it is settled. */
export async function settle(
  { connection }: Person,
  command: { t: string; clientId: string; attempt?: number } & Record<string, unknown>,
): Promise<Frame> {
  let attempt = command.attempt ?? 1;
  let answer: Frame | undefined;
  const once = async (): Promise<boolean> => {
    try {
      answer = await connection.command({ ...command, ...(attempt > 1 ? { attempt } : {}) }, 20_000);
    } catch (error) {
      if (error instanceof CommandRefused && !error.temporary) throw error;
      attempt++;
    }
    return answer !== undefined;
  };
  await until(once, SETTLED_MS, `settling ${command.clientId}`, 100);
  return answer!;
}
