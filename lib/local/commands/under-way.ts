/** A promise that is waited for later. What it fails with is thrown there, and is not unhandled until then. */
export function underWay<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
