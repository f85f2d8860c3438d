import type { Clock } from './clock.ts';

/**
 * The promise's result, or the error made by `makeError` after `deadlineMs`. What was started goes on; its late result
 * is ignored.
 */
export function withDeadline<T>(
  promise: Promise<T>,
  deadlineMs: number,
  clock: Clock,
  makeError: () => Error,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const cancel = clock.after(deadlineMs, () => reject(makeError()));
    promise.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error);
      },
    );
  });
}
