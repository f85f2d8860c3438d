import { newClientId } from './client-id.js';
import { userIdOf } from './identity.js';

const ATTEMPTS_MAX = 4;

/**
 * Creates a chat, or finds the direct chat that exists. The same clientId over all attempts makes it one chat however
 * often an answer is lost.
 *
 * @param {import('./client.js').Client} client
 * @param {{names: string[], title?: string}} wish With a title it is a group.
 * @returns {Promise<string>} The chat's id. Rejects with a `ChatError`.
 */
export async function createChat(client, { names, title }) {
  const members = [...new Set(names.map(userIdOf).filter(Boolean))];
  // Until they sign in themselves, people are called as they were typed.
  client.state.learn(names.map((name) => ({ id: userIdOf(name), name: name.trim() })));
  const clientId = newClientId();
  const fields =
    title === undefined
      ? { kind: 'direct', members }
      : { kind: 'group', title, members: members.filter((user) => user !== client.state.me.id) };
  for (let attempt = 1; ; attempt++) {
    try {
      return await client.request('chat.create', { clientId, attempt, ...fields }, (ok) => {
        client.adopt(ok.chat);
        return ok.chat.chat;
      });
    } catch (error) {
      const { name, temporary } = /** @type {import('./chat-error.js').ChatError} */ (error);
      if (!temporary || name === 'closed' || attempt >= ATTEMPTS_MAX) throw error;
    }
  }
}
