/**
 * Copies the own properties of a function, name and length included, to the one that replaces it: routers, Lambda's
 * `streamifyResponse` and others mark functions with them.
 */
export function copyProperties(from: object, to: object): void {
  for (const property of Reflect.ownKeys(from)) {
    const descriptor = Object.getOwnPropertyDescriptor(from, property);
    const isOwn = property !== 'prototype' && property !== 'arguments' && property !== 'caller';
    if (descriptor !== undefined && isOwn) Object.defineProperty(to, property, descriptor);
  }
}
