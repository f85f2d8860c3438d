import type { BusListener, Subscription } from '@garam/bus/bus';
import type { BusEntry } from '@garam/contracts/bus-entry';
import type { Clock } from '@garam/runtime/clock';

export interface Mailboxes {
  publish(instance: string, entries: readonly BusEntry[]): void;
  subscribe(instance: string, listener: BusListener): Subscription;
  loseConnection(instance?: string): () => void;
  close(): void;
}

interface Mailbox {
  listener: BusListener;
  /** Since the last delivery, at most one turn ago. */
  waiting: BusEntry[];
  isLost: boolean;
}

/** Delivers at the end of the turn, never within `publish`: all entries of a turn in one call, in order. */
export function createMailboxes(clock: Clock): Mailboxes {
  const instances = new Map<string, Set<Mailbox>>();

  function publish(instance: string, entries: readonly BusEntry[]): void {
    for (const mailbox of instances.get(instance) ?? []) {
      if (mailbox.isLost || entries.length === 0) continue;
      if (mailbox.waiting.length === 0) clock.endOfTurn(() => deliver(mailbox));
      for (const entry of entries) mailbox.waiting.push(entry);
    }
  }

  function deliver(mailbox: Mailbox): void {
    const entries = mailbox.waiting;
    if (entries.length === 0) return;
    mailbox.waiting = [];
    mailbox.listener.entries(entries);
  }

  function subscribe(instance: string, listener: BusListener): Subscription {
    const mailbox: Mailbox = { listener, waiting: [], isLost: false };
    let mailboxes = instances.get(instance);
    if (mailboxes === undefined) instances.set(instance, (mailboxes = new Set()));
    mailboxes.add(mailbox);
    return {
      async close() {
        mailbox.waiting = [];
        mailboxes.delete(mailbox);
        if (mailboxes.size === 0 && instances.get(instance) === mailboxes) instances.delete(instance);
      },
    };
  }

  function loseConnection(instance?: string): () => void {
    const names = instance === undefined ? [...instances.keys()] : [instance];
    const lost: Mailbox[] = [];
    for (const name of names) lost.push(...(instances.get(name) ?? []));
    for (const mailbox of lost) {
      mailbox.isLost = true;
      mailbox.waiting = [];
      mailbox.listener.lost?.(true);
    }
    return () => {
      for (const mailbox of lost.splice(0)) {
        mailbox.isLost = false;
        mailbox.listener.lost?.(false);
        mailbox.listener.resubscribed();
      }
    };
  }

  function close(): void {
    for (const mailboxes of instances.values()) {
      for (const mailbox of mailboxes) mailbox.waiting = [];
    }
    instances.clear();
  }

  return { publish, subscribe, loseConnection, close };
}
