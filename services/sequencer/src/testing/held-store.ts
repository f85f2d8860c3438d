import type { SequencerStore } from '@garam/store/sequencer-store';

/** A store whose answers about some chats wait until they are released. */
export interface HeldStore {
  store: SequencerStore;
  release(): void;
}

export function holdChats(store: SequencerStore, chats: readonly string[]): HeldStore {
  let release!: () => void;
  const released = new Promise<void>((resolve) => (release = resolve));
  return {
    release,
    store: {
      ...store,
      async loadChat(chat) {
        if (chats.includes(chat)) await released;
        return store.loadChat(chat);
      },
    },
  };
}
