/** Typing lines in both directions: ours is repeated while keys are pressed, others' fade without renewal. */
const REPEAT_MS = 3_000;
const SHOWN_MS = 6_000;

/** @param {(frame: Record<string, unknown>) => void} send */
export function createTypingNotice(send) {
  let chat = '';
  let saidAt = 0;
  return {
    /** Call at every change of the text. @param {string} to @param {boolean} empty */
    typed(to, empty) {
      if (empty) return this.stopped();
      if (chat === to && Date.now() - saidAt < REPEAT_MS) return;
      this.stoppedIn(to);
      chat = to;
      saidAt = Date.now();
      send({ t: 'typing', chat, on: true });
    },
    /** Call when the message was sent, the field emptied or left. */
    stopped() {
      if (chat) send({ t: 'typing', chat, on: false });
      chat = '';
    },
    /** @param {string} other */
    stoppedIn(other) {
      if (chat && chat !== other) this.stopped();
    },
  };
}

/**
 * @param {import('./state.js').State} state
 * @param {{chat: string, users: string[], more: number}} push The whole current set.
 */
export function applyTyping(state, push) {
  const chat = state.chats.get(push.chat);
  if (!chat) return;
  chat.typing = push.users.filter((user) => user !== state.me.id);
  chat.typingMore = push.more;
  chat.typingUntil = Date.now() + SHOWN_MS;
  state.changed();
  setTimeout(() => {
    if (Date.now() < chat.typingUntil) return;
    chat.typing = [];
    state.changed();
  }, SHOWN_MS + 50);
}
