import { isThenable } from './thenable.js';

/**
 * Calls a user's callback, whose faults must go no further: what it throws, or what the promise it gives is rejected with, goes
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
