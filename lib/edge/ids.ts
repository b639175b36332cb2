/*
 * Replaces `lib/common/ids.ts`. Random bytes are not drawn ahead, because a Worker has none before its first request.
 */
export { parseId } from '../common/ids.js';

/** A random id for a trace, span or request: UUID version 4, lower case. */
export function newId(): string {
  try {
    return crypto.randomUUID();
  } catch {
    return weakId(); // in a Worker's global scope
  }
}

export const forgetIds = (): void => {};

function weakId(): string {
  const digit = (letter: string) => {
    const random = Math.floor(Math.random() * 16);
    return (letter === 'x' ? random : (random & 3) | 8).toString(16);
  };
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, digit);
}
