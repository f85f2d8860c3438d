/** How a step of an owner goes wrong. */
export type Fault =
  /** The owner dies before the call does anything. */
  | 'crash before'
  /** The owner dies after the call took effect, before it hears of it. */
  | 'crash after'
  /** The call never takes effect and is never answered; the owner goes on with what it can until it is replaced. */
  | 'hang'
  /** The call fails without effect; the owner lives. */
  | 'fail before'
  /** The call takes effect, its acknowledgement is lost; the owner lives. */
  | 'fail after';

/** Every call to a port is a step; at one of them the fault happens. */
export interface Faults {
  step<T>(name: string, call: () => Promise<T>): Promise<T>;
  /** Steps so far, by name. */
  readonly steps: readonly string[];
  readonly isDead: boolean;
}

export function createFaults(plan?: { at: number; fault: Fault }): Faults {
  const steps: string[] = [];
  let isDead = false;
  const never = () => new Promise<never>(() => undefined);
  const fail = (name: string) => Promise.reject(new Error(`injected: ${name}`));
  return {
    steps,
    get isDead() {
      return isDead;
    },
    async step(name, call) {
      if (isDead) return never();
      steps.push(name);
      if (plan === undefined || steps.length - 1 !== plan.at) return call();
      if (plan.fault === 'fail before') return fail(name);
      if (plan.fault === 'fail after') return call().then(() => fail(name));
      if (plan.fault === 'hang') return never();
      isDead = true;
      if (plan.fault === 'crash after') await call();
      return never();
    },
  };
}
