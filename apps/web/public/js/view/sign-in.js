import { lastName, remember, userIdOf } from '../identity.js';
import { byId } from './element.js';

/**
 * Asks for a name, the only thing a first visit needs.
 *
 * @returns {Promise<import('../identity.js').Identity>}
 */
export function askName() {
  const page = byId('sign-in', HTMLElement);
  const form = byId('sign-in-form', HTMLFormElement);
  const field = byId('sign-in-name', HTMLInputElement);
  page.hidden = false;
  field.value = lastName();
  field.focus();
  field.select();
  return new Promise((resolve) => {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const name = field.value.trim();
      if (!userIdOf(name)) return field.focus();
      page.hidden = true;
      resolve(remember(name));
    });
  });
}
