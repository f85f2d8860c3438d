import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Between a bus and its server, to break what is between them. */
export interface TcpProxy {
  readonly port: number;
  readonly url: string;
  /**
   * Ends connections on which `word` was sent, at once and whenever it is sent again, until the returned function is
   * called. Without a word: all of them, and new ones.
   */
  cut(word?: string): Undo;
  /**
   * Reads nothing more from either side of connections on which `word` was sent (from all without one), and closes
   * nothing, until the returned function is called: what a half-open connection or a stuck reader looks like.
   */
  hold(word?: string): Undo;
  /** Delays every piece by this much. */
  delay(ms: number): void;
  close(): Promise<void>;
}

type Undo = () => void;

interface Pair {
  client: Socket;
  server: Socket;
  /** What the client has sent in the beginning, lower case. */
  said: string;
}

const SAID_MAX = 65_536;

export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  const cuts: string[] = [];
  const holds: string[] = [];
  let delayMs = 0;

  const isIn = (words: readonly string[], { said }: Pair) => words.some((word) => said.includes(word));
  const end = (pair: Pair) => {
    pairs.delete(pair);
    pair.client.destroy();
    pair.server.destroy();
  };
  /** Does to the pair what is asked for now. */
  const treat = (pair: Pair) => {
    if (isIn(cuts, pair)) return end(pair);
    for (const socket of [pair.client, pair.server]) {
      if (isIn(holds, pair)) socket.pause();
      else socket.resume();
    }
  };
  const treatWhile = (words: string[], word: string): Undo => {
    words.push(word.toLowerCase());
    pairs.forEach(treat);
    return () => {
      words.splice(words.indexOf(word.toLowerCase()), 1);
      pairs.forEach(treat);
    };
  };
  const pass = (data: Buffer, to: Socket) => {
    const write = () => void (to.destroyed || to.write(data));
    if (delayMs === 0) write();
    else setTimeout(write, delayMs);
  };

  const listener = createServer((client) => {
    const server = connect(target, '127.0.0.1');
    const pair: Pair = { client, server, said: '' };
    pairs.add(pair);
    for (const socket of [client, server]) socket.on('error', () => {}).on('close', () => end(pair));
    client.on('data', (data) => {
      if (pair.said.length < SAID_MAX) pair.said += data.toString('latin1').toLowerCase();
      treat(pair);
      pass(data, server);
    });
    server.on('data', (data) => pass(data, client));
    treat(pair);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;

  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    cut: (word = '') => treatWhile(cuts, word),
    hold: (word = '') => treatWhile(holds, word),
    delay(ms) {
      delayMs = ms;
    },
    async close() {
      pairs.forEach(end);
      listener.close();
      await once(listener, 'close');
    },
  };
}
