import type { StreamReader } from '../calls/model-call.js';
import { type Method, patchMethod } from '../calls/patch.js';
import { fields } from '../calls/read-unknown.js';

/*
 * The `stream()` helpers of clients that Stainless generates (OpenAI, Anthropic) read the stream of their call themselves, and may
 * refuse what they have read: an answer that was cut off, or is not the JSON that was asked for. So the call is over when its helper is.
 *
 *     stream() ──> helper ──create(request, { signal })──> the call ──> its stream
 *                    │ reads <────────────────────────────────────────────┘
 *                    └──> _emit('error', error), then _emit('end')
 *
 * `_emit` is private, and may be missing in the client's next version. Then the call is over with its stream.
 */

/** The running helpers, by the signal that they pass to their call. */
const running = new WeakMap<object, StreamReader>();

/** A method that returns a helper which reads a stream. */
export function helperMethod(original: Method): Method {
  return function stream(this: unknown, ...args) {
    const helper = original.apply(this, args);
    try {
      watch(helper);
    } catch {
      // A frozen helper: its call is over with its stream.
    }
    return helper;
  };
}

/** The helper that has made a call with these options. */
export function helperOf(options: unknown): StreamReader | undefined {
  const { signal } = fields(options);
  return isObject(signal) ? running.get(signal) : undefined;
}

function watch(helper: unknown): void {
  const { controller, _emit: emit } = fields(helper);
  const { signal } = fields(controller);
  if (!isObject(helper) || !isObject(signal) || typeof emit !== 'function') return;
  let isOver = false;
  let error: unknown;
  let whenOver: ((error: unknown) => void) | undefined;
  patchMethod(helper, '_emit', function (this: unknown, event: unknown, ...given: unknown[]) {
    if (event === 'error') error = given[0];
    if (event === 'end') {
      running.delete(signal);
      isOver = true;
      whenOver?.(error);
    }
    return Reflect.apply(emit, this, [event, ...given]);
  });
  running.set(signal, {
    whenOver(then) {
      if (isOver) then(error);
      else whenOver = then;
    },
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
