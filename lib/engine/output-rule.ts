import { types } from '../common/builtins.js';
import { own } from '../common/own.js';
import type { OutputRule } from './call.js';
import type { OutputOptions } from './handles.js';
import type { Recorder } from './recorder.js';

/** The rule for a traced function's result. `plain` is used if the user has no `captureOutput` function. */
export function outputRule(
  fn: unknown,
  { captureOutput, reduce }: OutputOptions,
  plain: (value: unknown) => unknown,
): OutputRule {
  const chosen = typeof captureOutput === 'function' ? captureOutput : undefined;
  const isRecorded = (recorder: Recorder) =>
    typeof captureOutput === 'boolean' ? captureOutput : recorder.captureOutput;
  return {
    fn,
    isAsync: types.isAsyncFunction(fn),
    reduce: reduce === undefined ? chosen : (chunks) => plain(reduce(chunks)),
    recordsChunks: (recorder) => chosen !== undefined || isRecorded(recorder),
    of(value, recorder) {
      if (chosen !== undefined) return chosen(value);
      return isRecorded(recorder) ? plain(value) : undefined;
    },
  };
}

/** The rule for a callback (`withSpan`): nothing is recorded unless the options ask for it. */
export function callbackOutput(
  fn: unknown,
  options: OutputOptions | undefined,
  plain: (value: unknown) => unknown = (value) => value,
): OutputRule | undefined {
  if (options === undefined) return undefined;
  try {
    const captureOutput = own(options, 'captureOutput');
    const isAsked = captureOutput === true || typeof captureOutput === 'function';
    return isAsked ? outputRule(fn, { captureOutput, reduce: own(options, 'reduce') }, plain) : undefined;
  } catch {
    return undefined; // a getter threw; the error is logged when the other options are read
  }
}
