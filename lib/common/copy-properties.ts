/**
 * Copies the own properties of a function, name and length included, to the function that replaces it: routers, Lambda's
 * `streamifyResponse` and others mark functions by properties. It also copies the prototype, by which libraries (`async`, `co`, MobX)
 * recognize async functions and generators, which they call in another way, and the source as text, in which others (Vitest,
 * awilix) read what a function wants to get.
 */
export function copyProperties(from: object, to: object): void {
  const prototype: unknown = Object.getPrototypeOf(from);
  if (prototype !== Object.getPrototypeOf(to)) Object.setPrototypeOf(to, prototype as object | null); // only if needed: it is slow
  Object.defineProperty(to, 'toString', { value: () => String(from), writable: true, configurable: true });
  for (const property of Reflect.ownKeys(from)) {
    const descriptor = Object.getOwnPropertyDescriptor(from, property);
    const isOwn = property !== 'prototype' && property !== 'arguments' && property !== 'caller';
    if (descriptor !== undefined && isOwn) Object.defineProperty(to, property, descriptor);
  }
}
