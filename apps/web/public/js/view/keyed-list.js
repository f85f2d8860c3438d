/**
 * Makes an element's children follow a list of rows, touching only rows that changed: the reader's place, focus and
 * selection stay.
 *
 * @template {{key: string}} R
 * @param {HTMLElement} container
 * @param {(row: R) => HTMLElement} render
 */
export function createKeyedList(container, render) {
  /** @type {Map<string, {node: HTMLElement, signature: string}>} */
  let shown = new Map();
  return {
    /** @param {R[]} rows Plain data: a row is drawn again when its JSON changes. */
    show(rows) {
      /** @type {typeof shown} */
      const next = new Map();
      for (const row of rows) {
        const signature = JSON.stringify(row);
        const held = shown.get(row.key);
        if (held?.signature === signature) next.set(row.key, held);
        else {
          const node = render(row);
          const focused = held?.node.contains(document.activeElement);
          held?.node.replaceWith(node);
          if (focused) node.querySelector('button')?.focus();
          next.set(row.key, { node, signature });
        }
      }
      for (const [key, { node }] of shown) if (!next.has(key)) node.remove();
      let at = container.firstElementChild;
      for (const { node } of next.values()) {
        if (node === at) at = node.nextElementSibling;
        else container.insertBefore(node, at);
      }
      shown = next;
    },
    clear() {
      for (const { node } of shown.values()) node.remove();
      shown = new Map();
    },
  };
}
