import { fields, nonEmptyString } from '../../calls/read-unknown.js';

/**
 * How a step ended that the framework reports as failed. An abort and a reader that leaves early look the same, and neither is a
 * failure. A graph that waits for its user, or goes on elsewhere, reports that as an error, too.
 */
type RunEnd = 'failed' | 'aborted' | 'interrupted' | 'moved';

/** Source: `langgraph/errors`. All control flow carries `is_bubble_up`; errors of programs may have the same names. */
const interrupts: ReadonlySet<unknown> = new Set(['GraphInterrupt', 'NodeInterrupt']);

export function endingOf(error: unknown): RunEnd {
  const { name, message, is_bubble_up } = fields(error);
  if (is_bubble_up === true) return interrupts.has(name) ? 'interrupted' : 'moved';
  const said = nonEmptyString(message) ?? nonEmptyString(error) ?? '';
  const isAbort = /^\w*Abort(?:ed|Error)?$/.test(nonEmptyString(name) ?? '') || /^\w*Abort(?:ed|Error)?\.?$/.test(said);
  return isAbort ? 'aborted' : 'failed';
}
