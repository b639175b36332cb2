/** Whether `value` is an object that can be awaited. Throws what its `then` throws when it is read, as `await` does. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const { then } = value as { readonly then?: unknown }; // an object may have any property
  return typeof then === 'function';
}
