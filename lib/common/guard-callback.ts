import { isThenable } from './thenable.js';

/**
 * Calls a user's callback, whose errors must not spread: an error that it throws, or with which its promise rejects, goes
 * to `onFault`.
 */
export function guardCallback(call: () => unknown, onFault: (fault: unknown) => void): void {
  try {
    const result = call();
    if (isThenable(result)) Promise.resolve(result).catch(onFault);
  } catch (fault) {
    onFault(fault);
  }
}
