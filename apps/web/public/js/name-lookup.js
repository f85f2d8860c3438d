/** Learns the names of users seen only as ids, a few at a time. */
const WAIT_MS = 50;
const BATCH = 200;

/**
 * @param {import('./state.js').State} state
 * @param {import('./connection.js').Connection['request']} request
 */
export function createNameLookup(state, request) {
  /** @type {Set<string>} */
  const asked = new Set();
  /** @type {Set<string>} */
  const wanted = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  async function fetchNames() {
    timer = undefined;
    const users = [...wanted].slice(0, BATCH);
    for (const user of users) wanted.delete(user);
    await request('users.get', { users }, (ok) => state.learn(ok.users)).catch(() => {
      for (const user of users) asked.delete(user);
    });
    state.changed();
  }

  return {
    /** @param {string} user */
    want(user) {
      const known = state.nameOf(user) !== user;
      if (known || asked.has(user)) return;
      asked.add(user);
      wanted.add(user);
      timer ??= setTimeout(() => void fetchNames(), WAIT_MS);
    },
    /** Lets unknown names be asked for again, for example after a reconnect. */
    forget: () => asked.clear(),
  };
}
