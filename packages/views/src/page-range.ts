/** Seqs of one page of history, both ends included; empty when fromSeq > throughSeq. */
export interface PageRange {
  fromSeq: number;
  throughSeq: number;
  /** What stays when the page is too big. */
  keep: 'oldest' | 'newest' | 'around';
  aroundSeq: number;
}

const LIMIT_DEFAULT = 50;

/** The part of the visible messages that a page asks for. */
export function pageRange(
  page: {
    before?: number | undefined;
    after?: number | undefined;
    around?: number | undefined;
    limit?: number | undefined;
  },
  { visibleFrom, headSeq }: { visibleFrom: number; headSeq: number },
): PageRange {
  const limit = page.limit ?? LIMIT_DEFAULT;
  if (page.after !== undefined) {
    const fromSeq = Math.max(visibleFrom, Math.min(page.after, headSeq) + 1);
    return { fromSeq, throughSeq: Math.min(headSeq, fromSeq + limit - 1), keep: 'oldest', aroundSeq: fromSeq };
  }
  if (page.around !== undefined) {
    const aroundSeq = Math.max(visibleFrom, Math.min(page.around, headSeq));
    const throughSeq = Math.min(headSeq, Math.max(visibleFrom, aroundSeq - Math.floor(limit / 2)) + limit - 1);
    return { fromSeq: Math.max(visibleFrom, throughSeq - limit + 1), throughSeq, keep: 'around', aroundSeq };
  }
  const throughSeq = Math.max(visibleFrom - 1, Math.min(headSeq, (page.before ?? headSeq + 1) - 1));
  return {
    fromSeq: Math.max(visibleFrom, throughSeq - limit + 1),
    throughSeq,
    keep: 'newest',
    aroundSeq: throughSeq,
  };
}
