import { EN } from './en.js';
import { KO } from './ko.js';

/** The language in use: the browser's, until the user chooses another. */
const KEY = 'garam.language';

/** @typedef {'en' | 'ko'} Language */

/** @returns {Language} */
export function language() {
  const chosen = localStorage.getItem(KEY);
  if (chosen === 'en' || chosen === 'ko') return chosen;
  return navigator.language.toLowerCase().startsWith('ko') ? 'ko' : 'en';
}

/** @param {Language} chosen */
export function chooseLanguage(chosen) {
  localStorage.setItem(KEY, chosen);
}

export function texts() {
  return language() === 'ko' ? KO : EN;
}

/** Fills in the texts of the static page: `data-text` names the content, `data-label` the accessible name. */
export function translatePage() {
  const table = texts();
  document.documentElement.lang = language();
  /** @param {string | undefined} key */
  const lookUp = (key) => {
    const text = table[/** @type {keyof typeof table} */ (key)];
    return typeof text === 'string' ? text : '';
  };
  for (const element of document.querySelectorAll('[data-text], [data-label], [data-placeholder]')) {
    if (!(element instanceof HTMLElement)) continue;
    const { text, label, placeholder } = element.dataset;
    if (text) element.textContent = lookUp(text);
    if (label) {
      element.setAttribute('aria-label', lookUp(label));
      if (element instanceof HTMLButtonElement) element.title = lookUp(label);
    }
    if (placeholder) element.setAttribute('placeholder', lookUp(placeholder));
  }
}
