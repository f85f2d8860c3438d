import { Client } from './client.js';
import { claimDevice } from './device.js';
import { currentIdentity, forgetIdentity } from './identity.js';
import { chooseLanguage, language, texts, translatePage } from './texts/language.js';
import { createAnnouncer } from './view/announcer.js';
import { createBanner } from './view/banner.js';
import { createChatListView } from './view/chat-list-view.js';
import { ChatView } from './view/chat-view.js';
import { createComposer } from './view/composer.js';
import { byId } from './view/element.js';
import { hueOf, initialOf } from './view/format.js';
import { createNewChatDialogs } from './view/new-chat.js';
import { askName } from './view/sign-in.js';

/** Starts the page: language, name, client, views. The open chat is in the address (`#chat=…`), so Back and reload work. */
async function main() {
  translatePage();
  const switches = document.querySelectorAll('select.language');
  /** @type {() => void} */
  let redraw = () => undefined;
  for (const choice of switches) {
    if (!(choice instanceof HTMLSelectElement)) continue;
    choice.value = language();
    choice.addEventListener('change', () => {
      chooseLanguage(choice.value === 'ko' ? 'ko' : 'en');
      for (const other of switches) if (other instanceof HTMLSelectElement) other.value = choice.value;
      translatePage();
      redraw();
    });
  }
  document.title = texts().appName;
  const me = currentIdentity() ?? (await askName());
  redraw = show(new Client(me, await claimDevice(me.id)));
}

/** @param {import('./client.js').Client} client @returns {() => void} Draws everything again. */
function show(client) {
  const { state } = client;
  const app = byId('app', HTMLElement);
  app.hidden = false;
  const avatar = byId('my-avatar', HTMLElement);
  avatar.textContent = initialOf(state.me.name);
  avatar.classList.add(hueOf(state.me.id));
  byId('my-name', HTMLElement).textContent = state.me.name;

  const chat = new ChatView(client);
  const composer = createComposer(client, () => chat.toEnd());
  const list = createChatListView(client, openChat);
  const banner = createBanner(client);
  const announcer = createAnnouncer(client);
  createNewChatDialogs(client, openChat);

  /** @param {string} id */
  function openChat(id) {
    location.hash = `chat=${encodeURIComponent(id)}`;
    follow();
    composer.focus();
  }
  function follow() {
    const id = new URLSearchParams(location.hash.slice(1)).get('chat');
    client.open(id || null);
  }
  function render() {
    // On a phone one pane is shown at a time. A chat in the address may be unknown until the list is read.
    const { openChat: shown } = state;
    app.dataset.pane = shown && (state.chats.has(shown) || !state.listed) ? 'chat' : 'list';
    banner.show();
    list.show();
    composer.show();
    chat.show();
    announcer.show();
  }

  byId('back', HTMLButtonElement).addEventListener('click', () => (location.hash = ''));
  byId('sign-out', HTMLButtonElement).addEventListener('click', () => {
    client.stop();
    forgetIdentity();
    location.assign('/');
  });
  window.addEventListener('hashchange', follow);
  for (const event of ['online', 'pageshow', 'focus']) window.addEventListener(event, () => chat.markRead());
  for (const event of ['online', 'pageshow']) window.addEventListener(event, () => client.wake());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible') return;
    client.wake();
    chat.markRead();
  });
  state.subscribe(render);
  follow();
  client.start();
  state.changed();
  return () => {
    render();
    chat.redraw();
  };
}

void main();
