/**
 * The parts of kafkajs 2.2.4 (pinned; it has no `exports`) that this package builds on: its codecs of the Kafka
 * protocol and its SASL mechanisms. Its producer, consumer and connections are not used; README.md says why.
 */
declare module 'kafkajs/src/protocol/requests/index.js' {
  interface Exchange {
    request: { apiKey: number; apiVersion: number; apiName: string; encode(): Promise<{ buffer: Buffer }> };
    response: { decode(payload: Buffer): Promise<unknown>; parse(decoded: unknown): Promise<unknown> };
    requestTimeout?: number;
  }
  type Definition = {
    versions: string[];
    protocol(options: { version: number }): (payload?: object) => Exchange;
  };
  type Versions = Record<number, { minVersion: number; maxVersion: number }>;
  const internals: {
    requests: Record<string, Definition>;
    lookup(versions: Versions): (apiKey: number, definition: Definition) => (payload?: object) => Exchange;
  };
  export = internals;
}

declare module 'kafkajs/src/protocol/requests/apiKeys.js' {
  const apiKeys: Record<string, number>;
  export = apiKeys;
}

declare module 'kafkajs/src/protocol/error.js' {
  const internals: { errorCodes: { type: string; code: number; message: string }[] };
  export = internals;
}

declare module 'kafkajs/src/broker/saslAuthenticator/index.js' {
  class SaslAuthenticator {
    /** ms as text; '0' without an end. */
    sessionLifetime: string;
    constructor(connection: object, logger: object, versions: object, supportsAuthenticateRequest: boolean);
    authenticate(): Promise<void>;
  }
  export = SaslAuthenticator;
}
