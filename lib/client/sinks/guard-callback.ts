import { isThenable } from '../../common/thenable.js';

/**
 * Calls code of the user's whose faults must go no further: what it throws, or what the promise it gives is
 * rejected with, goes to `onFault`.
 */
export function callSafely(call: () => unknown, onFault: (fault: unknown) => void): void {
  try {
    const result = call();
    if (isThenable(result)) Promise.resolve(result).catch(onFault);
  } catch (fault) {
    onFault(fault);
  }
}

