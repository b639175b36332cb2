import { isThenable } from './thenable.js';

/**
 * Calls a user's callback and keeps its errors from spreading: an error that it throws, or that its promise rejects with, goes to
 * `onFault`.
 */
export function guardCallback(call: () => unknown, onFault: (fault: unknown) => void): void {
  try {
    const result = call();
    if (isThenable(result)) Promise.resolve(result).catch(onFault);
  } catch (fault) {
    onFault(fault);
  }
}
