import { errorName } from '../../common/error-text.js';
import { createLog } from '../../common/log.js';

/** Integrations are set up before there is a client of ours to log with. */
const log = createLog({ debug: false });

/**
 * Returns what `fn` returns. What it throws is logged once a minute and goes no further: an integration must not disturb the run of
 * the framework. Never put the framework's or the user's own code into it.
 */
export function guarded<R>(integration: string, what: string, fn: () => R): R | undefined {
  try {
    return fn();
  } catch (error) {
    // Not its message, which may contain values that must not be recorded.
    log.warn(
      `${integration} ${what}`,
      `${integration}: ${errorName(error)} was thrown over ${what}, which is not recorded`,
    );
    return undefined;
  }
}
