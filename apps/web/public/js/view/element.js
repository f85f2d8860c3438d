/**
 * Builds elements without any HTML parsing: texts become text nodes, whatever they contain.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {{class?: string, text?: string, onclick?: () => void, [attribute: string]: any}} [properties]
 *   `class`, `text` and `onclick`; anything else is an attribute. `undefined` and `false` are left out.
 * @param {...(Node | undefined | false)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  const { class: className, text, onclick, ...attributes } = properties;
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  if (onclick) node.addEventListener('click', onclick);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) node.setAttribute(name, String(value));
  }
  for (const child of children) if (child) node.append(child);
  return node;
}

/**
 * An element of the static page.
 *
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function byId(id, type) {
  const node = document.getElementById(id);
  if (!(node instanceof type)) throw new Error(`The page has no #${id}.`);
  return node;
}
