import type { BusListener } from '@garam/bus/bus';
import type { BusEntry } from '@garam/contracts/bus-entry';

export interface NotingListener extends BusListener {
  readonly heard: BusEntry[];
  /** `lost`, `back` and `resubscribed` in their order. */
  readonly signals: string[];
}

/** Notes all it is told. */
export function notingListener(): NotingListener {
  const heard: BusEntry[] = [];
  const signals: string[] = [];
  return {
    heard,
    signals,
    entries: (entries) => heard.push(...entries),
    resubscribed: () => signals.push('resubscribed'),
    lost: (isLost) => signals.push(isLost ? 'lost' : 'back'),
  };
}
