const NEAR_END_PX = 60;

/**
 * Keeps the end in view while the reader is at the end, and otherwise the message being read where it is, whatever is
 * added above or changes its height.
 *
 * @param {HTMLElement} scroller
 * @param {HTMLElement} list Its rows with `data-seq` are the places that can be kept.
 */
export function createScrollPlace(scroller, list) {
  let atEnd = true;

  function toEnd() {
    scroller.scrollTop = scroller.scrollHeight;
    atEnd = true;
  }

  /** The first message on screen and where it stands. */
  function place() {
    for (const row of list.children) {
      if (!(row instanceof HTMLElement) || !row.dataset.seq) continue;
      if (row.offsetTop + row.offsetHeight <= scroller.scrollTop) continue;
      return { seq: row.dataset.seq, offset: row.offsetTop - scroller.scrollTop };
    }
    return null;
  }

  scroller.addEventListener(
    'scroll',
    () => {
      atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END_PX;
    },
    { passive: true },
  );
  new ResizeObserver(() => atEnd && toEnd()).observe(scroller);

  return {
    toEnd,
    atEnd: () => atEnd,
    /** Runs a change of the list. @param {() => void} change */
    keepWhile(change) {
      const kept = atEnd ? null : place();
      change();
      if (atEnd) return toEnd();
      const row = kept && list.querySelector(`[data-seq="${kept.seq}"]`);
      if (kept && row instanceof HTMLElement) scroller.scrollTop = row.offsetTop - kept.offset;
    },
  };
}
