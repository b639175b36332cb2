/**
 * Copies the own properties of a function, name and length included, to the one that replaces it: routers, Lambda's
 * `streamifyResponse` and others mark functions with them. The prototype, too: it tells an async function and a generator from
 * others, and libraries call these in another way (`async`, `co`, MobX).
 */
export function copyProperties(from: object, to: object): void {
  const prototype: unknown = Object.getPrototypeOf(from);
  if (prototype !== Object.getPrototypeOf(to)) Object.setPrototypeOf(to, prototype as object | null); // slow for V8
  for (const property of Reflect.ownKeys(from)) {
    const descriptor = Object.getOwnPropertyDescriptor(from, property);
    const isOwn = property !== 'prototype' && property !== 'arguments' && property !== 'caller';
    if (descriptor !== undefined && isOwn) Object.defineProperty(to, property, descriptor);
  }
}
