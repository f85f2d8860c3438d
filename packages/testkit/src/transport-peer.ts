const DEADLINE_MS = 10_000;
const POLL_MS = 5;

/** The other end of a transport: the platform's own WebSocket, with everything received kept. */
export class TransportPeer {
  readonly messages: (string | Uint8Array)[] = [];
  readonly opened: Promise<void>;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #socket: WebSocket;

  constructor(url: string, protocols: string[]) {
    this.#socket = new WebSocket(url, protocols);
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.addEventListener('message', ({ data }: { data: unknown }) => {
      this.messages.push(typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer));
    });
    this.opened = new Promise((resolve, reject) => {
      this.#socket.addEventListener('open', () => resolve());
      this.#socket.addEventListener('error', () => reject(new Error('not opened')));
    });
    this.closed = new Promise((resolve) => {
      this.#socket.addEventListener('close', ({ code, reason }: { code: number; reason: string }) =>
        resolve({ code, reason }),
      );
    });
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  send(payload: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(payload);
  }

  close(code = 1000): void {
    this.#socket.close(code);
  }

  /** Waits until `holds`, with a deadline. */
  async flushed(holds: () => boolean): Promise<void> {
    const until = performance.now() + DEADLINE_MS;
    while (!holds()) {
      if (performance.now() > until) throw new Error(`waited in vain; received ${this.messages.length} messages`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}
