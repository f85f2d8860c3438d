import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a server that a test can make bad. */
export interface TcpProxy {
  /** `host:port` of this side. */
  readonly address: string;
  /** Answers come so much later from now on, ms. */
  delay(ms: number): void;
  /** Answers come in pieces of so many bytes from now on, one every ms. 0: whole. */
  trickle(bytes: number): void;
  /** Connections of now stay open and carry nothing any more; new ones are fine. */
  strand(): void;
  /** Ends the connections of now. */
  cut(): void;
  close(): Promise<void>;
}

interface Pair {
  client: Socket;
  server: Socket;
  isStranded: boolean;
}

/** @param target `host:port` */
export async function openTcpProxy(target: string): Promise<TcpProxy> {
  const [host, port] = target.split(':');
  const pairs = new Set<Pair>();
  let delayMs = 0;
  let pieceBytes = 0;

  /** Hands on what the server says, in its order, as slowly as is asked for at that moment. */
  async function answer(pair: Pair): Promise<void> {
    for await (const chunk of pair.server as AsyncIterable<Buffer>) {
      if (delayMs > 0) await pause(delayMs);
      const size = pieceBytes || chunk.length;
      for (let from = 0; from < chunk.length; from += size) {
        if (pair.isStranded) continue;
        pair.client.write(chunk.subarray(from, from + size));
        if (pieceBytes > 0) await pause(1);
      }
    }
    if (!pair.isStranded) pair.client.destroy();
  }

  const listener = createServer((client) => {
    const pair: Pair = { client, server: connect(Number(port), host), isStranded: false };
    pairs.add(pair);
    client.setNoDelay(true);
    client.on('data', (chunk) => pair.isStranded || pair.server.write(chunk));
    client.on('close', () => {
      pair.server.destroy();
      pairs.delete(pair);
    });
    for (const socket of [client, pair.server]) socket.on('error', () => {});
    answer(pair).catch(() => client.destroy());
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const cut = () => {
    for (const { client } of pairs) client.destroy();
  };
  return {
    address: `127.0.0.1:${(listener.address() as AddressInfo).port}`,
    delay: (ms) => (delayMs = ms),
    trickle: (bytes) => (pieceBytes = bytes),
    strand() {
      for (const pair of pairs) pair.isStranded = true;
    },
    cut,
    async close() {
      const closed = once(listener, 'close');
      listener.close();
      cut();
      await closed;
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
