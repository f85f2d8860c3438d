/** A command that was not answered `ok`. `closed` and `timeout` mean that its outcome is unknown. */
export class ChatError extends Error {
  /**
   * @param {string} name Name from the protocol's error table, or `closed` or `timeout`.
   * @param {{temporary?: boolean, retryAfterMs?: number, message?: string}} [details]
   */
  constructor(name, details = {}) {
    super(details.message ?? name);
    this.name = name;
    this.temporary = details.temporary ?? false;
    this.retryAfterMs = details.retryAfterMs ?? 0;
  }
}
