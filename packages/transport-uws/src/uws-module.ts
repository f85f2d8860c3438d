/** The part of uWebSockets.js that is used here. It is not on npm, so nothing of it can be a dependency, nor its types. */
export interface UwsModule {
  App(): UwsApp;
  us_listen_socket_close(socket: UwsListenSocket): void;
  us_socket_local_port(socket: UwsListenSocket): number;
  readonly DISABLED: number;
  readonly LIBUS_LISTEN_EXCLUSIVE_PORT: number;
}

export type UwsListenSocket = object;

export interface UwsApp {
  ws<Data>(pattern: string, behavior: UwsBehavior<Data>): UwsApp;
  any(pattern: string, handler: (response: UwsResponse, request: UwsRequest) => void): UwsApp;
  listen(host: string, port: number, options: number, done: (socket: UwsListenSocket | false) => void): UwsApp;
}

export interface UwsRequest {
  /** By lower-case name; '' where it is missing. */
  getHeader(name: string): string;
  /** In lower case. */
  getMethod(): string;
  /** Path without the query. */
  getUrl(): string;
}

export interface UwsResponse {
  writeStatus(status: string): UwsResponse;
  end(body: string, closeConnection: boolean): UwsResponse;
  getRemoteAddress(): ArrayBuffer;
  getRemoteAddressAsText(): ArrayBuffer;
  /** The data are what `getUserData` gives afterwards. */
  upgrade(data: object, key: string, protocol: string, extensions: string, context: object): void;
}

/** Valid until its close handler runs; any call after that throws. */
export interface UwsSocket<Data> {
  getUserData(): Data;
  send(message: Uint8Array, isBinary: boolean, compress: boolean): number;
  getBufferedAmount(): number;
  /** Sends a close frame and FIN after everything sent before. Runs the close handler before it returns. */
  end(code: number, reason: string): void;
  /** Cuts. Runs the close handler before it returns. */
  close(): void;
  /** Sends made in `task` are written with one system call. */
  cork(task: () => void): void;
}

export interface UwsBehavior<Data> {
  compression: number;
  maxPayloadLength: number;
  maxBackpressure: number;
  idleTimeout: number;
  maxLifetime: number;
  sendPingsAutomatically: boolean;
  upgrade(response: UwsResponse, request: UwsRequest, context: object): void;
  open(socket: UwsSocket<Data>): void;
  /** The buffer is taken back when the handler returns. */
  message(socket: UwsSocket<Data>, message: ArrayBuffer, isBinary: boolean): void;
  ping(socket: UwsSocket<Data>): void;
  drain(socket: UwsSocket<Data>): void;
  close(socket: UwsSocket<Data>, code: number, reason: ArrayBuffer): void;
}
