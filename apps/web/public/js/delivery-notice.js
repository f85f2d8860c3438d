/** Tells the server what has arrived here, once per burst and chat. */
const WAIT_MS = 200;

/** @param {(frame: Record<string, unknown>) => void} send */
export function createDeliveryNotice(send) {
  /** @type {Set<string>} */
  const due = new Set();
  return {
    /** Call when a message has arrived in a chat that is not big. @param {import('./types.js').Chat} chat */
    arrived(chat) {
      const id = chat.summary.chat;
      if (due.has(id)) return;
      due.add(id);
      setTimeout(() => {
        due.delete(id);
        // Read includes delivered.
        if (chat.summary.read < chat.summary.head.seq) send({ t: 'delivered', chat: id, seq: chat.summary.head.seq });
      }, WAIT_MS);
    },
  };
}
