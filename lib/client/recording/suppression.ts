import { emptyFrame, type Frame } from '../../engine/frame.js';
import { currentFrame, within } from '../../engine/scope.js';

/**
 * Runs `fn`; wrapped provider clients record nothing in `fn` and in everything it starts. For an integration that records a model
 * call itself: put it around that call. Other spans and traces are recorded as usual.
 *
 * @param fn - makes the call
 * @returns what `fn` returns
 * @example
 * ```ts
 * declare function generate(prompt: string): Promise<string>; // uses a wrapped client somewhere inside
 *
 * await withSpan('generate', { kind: 'LLM' }, () => suppressProviderSpans(() => generate('How warm is it?')));
 * ```
 */
export function suppressProviderSpans<R>(fn: () => R): R {
  const frame = currentFrame();
  return within({ ...frame, ambient: { ...frame.ambient, suppressesProviderSpans: true } }, () => fn()); // with no argument
}

/** Whether wrapped clients must record nothing in `frame`. */
export function suppressesProviderSpans({ ambient }: Frame): boolean {
  return ambient.suppressesProviderSpans || ambient.modelSpan?.ended === false;
}

/** `fn`, with no trace current in it: what it calls opens no span. */
export function outsideTraces<Args extends unknown[], R>(fn: (...args: Args) => R): (...args: Args) => R {
  return (...args) => within(emptyFrame, () => fn(...args));
}
