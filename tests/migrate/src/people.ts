import type { TokenSource } from '@garam/tests-driver/dev-token';
import { GaramConnection, type Cursor, type Frame } from '@garam/tests-driver/garam-connection';

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
