import { errorText } from '../common/error-text.js';
import { createLog } from '../common/log.js';

export const log = createLog({ debug: false });

/**
 * Runs code that OpenTelemetry calls, or that reads foreign spans. An error is logged, and reaches neither the program nor other
 * traces.
 */
export function safely<T>(what: () => T): T | undefined {
  try {
    return what();
  } catch (error) {
    log.warn('OpenTelemetry', `a span of OpenTelemetry could not be recorded: ${errorText(error)}`);
    return undefined;
  }
}
