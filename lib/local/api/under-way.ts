/** Marks a promise that is awaited later, so that its rejection does not count as unhandled until then. */
export function underWay<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
