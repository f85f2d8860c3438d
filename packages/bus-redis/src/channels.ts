import { BusError, type BusListener, type Subscription } from '@garam/bus/bus';
import { Channel, type ChannelDeps } from './channel.ts';

export interface Channels {
  /** @throws BusError */
  subscribe(name: string, listener: BusListener): Promise<Subscription>;
  close(): void;
}

/** The channels this process listens to. */
export function createChannels(deps: ChannelDeps): Channels {
  const channels = new Map<string, Channel>();
  let isClosed = false;

  return {
    async subscribe(name, listener) {
      if (isClosed) throw new BusError('the bus is closed');
      let channel = channels.get(name);
      if (channel === undefined) channels.set(name, (channel = new Channel(name, deps, () => channels.delete(name))));
      return channel.add(listener);
    },
    close() {
      isClosed = true;
      for (const channel of channels.values()) channel.close();
      channels.clear();
    },
  };
}
