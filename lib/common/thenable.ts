/** Whether `value` is an object that can be awaited. Throws what its `then` throws when it is read, as `await` does. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const { then } = value as { readonly then?: unknown }; // an object may have any property
  return typeof then === 'function';
}

const { then } = Promise.prototype;

/** Whether `then` is the language's own, of this realm or another. */
export function hasPlainThen(value: object): boolean {
  const own: unknown = Reflect.get(value, 'then');
  return own === then || (typeof own === 'function' && native.test(Function.prototype.toString.call(own)));
}

const native = /^function then\(\) \{\s*\[native code\]/;
