import { texts } from '../texts/language.js';
import { byId } from './element.js';

/**
 * The text field. Enter sends, Shift+Enter breaks the line. While an input method composes (in Korean the last
 * syllable always does when Enter is pressed) Enter belongs to it: the text stays, and is sent when the input method
 * lets the line break through or Enter is pressed again.
 */
const HEIGHT_MAX_PX = 160;
const IME_KEY_CODE = 229;
/** Used until the server has announced its limit. */
const TEXT_BYTES = 16_384;

/**
 * @param {import('../client.js').Client} client
 * @param {() => void} onSent
 */
export function createComposer(client, onSent) {
  const { state, typing } = client;
  const form = byId('composer', HTMLFormElement);
  const field = byId('composer-text', HTMLTextAreaElement);
  const button = byId('composer-send', HTMLButtonElement);
  /** @type {Map<string, string>} */
  const drafts = new Map();
  /** @type {string | null} */
  let chat = null;
  let shift = false;

  function submit() {
    const text = field.value.toWellFormed().trim();
    if (!chat || !text || !state.chats.has(chat)) return;
    if (new TextEncoder().encode(text).length > (state.limits?.textBytes ?? TEXT_BYTES)) {
      field.setCustomValidity(texts().errors['too_large'] ?? '');
      return void field.reportValidity();
    }
    field.value = '';
    changed();
    client.send(chat, text);
    onSent();
  }

  function changed() {
    field.setCustomValidity('');
    button.disabled = field.value.trim() === '';
    field.style.height = 'auto';
    field.style.height = `${Math.min(field.scrollHeight, HEIGHT_MAX_PX)}px`;
    if (!chat) return;
    drafts.set(chat, field.value);
    typing.typed(chat, field.value.trim() === '');
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
    field.focus();
  });
  field.addEventListener('input', changed);
  field.addEventListener('blur', () => typing.stopped());
  field.addEventListener('keydown', (event) => {
    shift = event.shiftKey;
    if (event.key !== 'Enter' || shift || event.isComposing || event.keyCode === IME_KEY_CODE) return;
    event.preventDefault();
    submit();
  });
  field.addEventListener('beforeinput', (event) => {
    // An Enter that the input method passed on after it had finished the syllable.
    if (event.inputType !== 'insertLineBreak' || shift || event.isComposing) return;
    event.preventDefault();
    submit();
  });

  return {
    /** Follows the open chat, keeping a draft for each. */
    show() {
      if (state.openChat === chat) return;
      typing.stopped();
      chat = state.openChat;
      field.value = (chat && drafts.get(chat)) ?? '';
      button.disabled = field.value.trim() === '';
      field.style.height = 'auto';
    },
    focus: () => field.focus(),
  };
}
