/** Who a request acts for. */
export interface Caller {
  /** A user id, or `service:<sub>` for a service acting as itself. */
  id: string;
  /** The token has the scope `service`. */
  isService: boolean;
  /** May not send until then, ms; 0: may. */
  silencedUntil: number;
}
