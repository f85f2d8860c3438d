import { ChatError } from '../chat-error.js';
import { createChat } from '../create-chat.js';
import { userIdOf } from '../identity.js';
import { texts } from '../texts/language.js';
import { byId } from './element.js';

/**
 * The dialogs that start a direct chat or a group.
 *
 * @param {import('../client.js').Client} client
 * @param {(chat: string) => void} open
 */
export function createNewChatDialogs(client, open) {
  const peer = byId('new-chat-name', HTMLInputElement);
  const title = byId('new-group-title', HTMLInputElement);
  const members = byId('new-group-members', HTMLInputElement);
  connect('new-chat', () => {
    const names = [peer.value];
    return userIdOf(peer.value) ? createChat(client, { names }) : null;
  });
  connect('new-group', () => {
    const names = members.value.split(/[,、，]/u);
    return title.value.trim() && names.some(userIdOf) ? createChat(client, { names, title: title.value.trim() }) : null;
  });

  /** @param {'new-chat' | 'new-group'} id @param {() => Promise<string> | null} create */
  function connect(id, create) {
    const dialog = byId(`${id}-dialog`, HTMLDialogElement);
    const form = byId(`${id}-form`, HTMLFormElement);
    const problem = byId(`${id}-problem`, HTMLElement);
    byId(id, HTMLButtonElement).addEventListener('click', () => {
      form.reset();
      problem.textContent = '';
      dialog.showModal();
    });
    byId(`${id}-cancel`, HTMLButtonElement).addEventListener('click', () => dialog.close());
    dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void submit();
    });

    async function submit() {
      if (form.ariaBusy === 'true') return;
      form.ariaBusy = 'true';
      problem.textContent = '';
      try {
        const chat = await create();
        if (chat) {
          dialog.close();
          open(chat);
        }
      } catch (error) {
        problem.textContent = problemText(error);
      }
      form.ariaBusy = 'false';
    }
  }
}

/** @param {unknown} error */
function problemText(error) {
  if (!(error instanceof ChatError)) throw error;
  return error.name === 'closed' ? texts().offline : texts().problem(error.name);
}
