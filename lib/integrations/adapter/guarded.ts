import { errorName } from '../../common/error-text.js';
import { createLog } from '../../common/log.js';

/** A log of its own, because integrations are set up before there is a client with a log. */
const log = createLog({ debug: false });

/**
 * Returns the result of `fn`. An error is logged once a minute and not thrown, because an integration must not disturb the
 * framework's run. Never call the framework's or the user's code in `fn`.
 */
export function guarded<R>(integration: string, what: string, fn: () => R): R | undefined {
  try {
    return fn();
  } catch (error) {
    // The error's message is not logged: it may contain values that must not be recorded.
    log.warn(
      `${integration} ${what}`,
      `${integration}: ${errorName(error)} was thrown over ${what}, which is not recorded`,
    );
    return undefined;
  }
}
