import { isThenable } from '../common/thenable.js';
import type { ResultObserver, Tools } from './follow.js';
import { followEmitter, isEmitter } from './follow-emitter.js';
import { followObservable, isObservable } from './follow-observable.js';
import { followQuery } from './follow-query.js';
import { followResponse, isResponse } from './follow-response.js';
import { followWebStream, isAsyncIterable, isWebStream } from './follow-stream.js';
import { isCrowded, type Lead } from './in-place.js';

/**
 * Follows a value that is neither a native promise nor a stream of the platform, if it is not over yet. This code is part of the
 * delivery file, which only a client that records loads.
 * @param lead - of a native promise, whose settling is followed already
 * @returns false if the value is over or cannot be followed; undefined if it is of no known kind
 */
export function followOther(
  value: object,
  observer: ResultObserver,
  tools: Tools,
  lead: Lead = { isTaken: false },
): boolean | undefined {
  const { tryFollow, followIterable } = tools;
  if ('then' in value && isThenable(value)) {
    // A query: it may be lazy, and several of its methods may start or read it.
    if (!followQuery(value, observer, lead, tryFollow)) return false;
    if (isAsyncIterable(value)) followIterable(value, observer, lead);
    if (isEmitter(value)) followEmitter(value, observer, followIterable, lead);
    return true;
  }
  if ('getPaginatedItems' in value) return false; // a page of a list from OpenAI or Anthropic is complete; a loop over it would fetch further pages
  if (isEmitter(value)) return followEmitter(value, observer, followIterable);
  if (isResponse(value)) return !isCrowded(value) && followResponse(value, observer, tryFollow);
  if (isObservable(value)) return !isCrowded(value) && followObservable(value, observer, tools.outside);
  if ('baseStream' in value) return followRun(value, observer);
  const run: NamedRun = value;
  const isMastra = '_waitUntilFinished' in value;
  if (isMastra || ('completed' in value && 'toTextStream' in value)) {
    observer.tieTo?.(value);
    return tryFollow(isMastra ? run._waitUntilFinished?.() : run.completed, {
      ...passOn(observer),
      returned: () => {
        if (run.error) observer.threw(run.error);
        observer.returned(isMastra ? run._getImmediateText?.() : run.finalOutput);
      },
    });
  }
  return undefined;
}

/** A streamed run of Mastra (`MastraModelOutput`) or of OpenAI Agents, however it is read; the latter also goes on unread. */
interface NamedRun {
  readonly error?: unknown;
  _waitUntilFinished?(): unknown;
  _getImmediateText?(): unknown;
  readonly completed?: unknown;
  readonly finalOutput?: unknown;
}

/** An observer of a part of the result: of its chunks and its value, that of the result gets none. */
const passOn = (observer: ResultObserver): ResultObserver => ({
  returned: () => observer.streamed(undefined),
  streamed: () => observer.streamed(undefined),
  threw: (error) => observer.threw(error),
  pull: (fn) => observer.pull(fn),
  chunk() {},
});

/** The result of `streamText()` or `streamObject()` of the Vercel AI SDK. Source: `ai`, `DefaultStreamTextResult`. */
interface RunLike {
  readonly baseStream?: unknown;
  /** A promise whose state can be read. */
  readonly _finishReason?: { readonly status?: { readonly type?: unknown } };
}

/**
 * Follows the stream of which everything is made that the program reads of the run. The pieces of the text are the chunks.
 * @returns false if the run is over, or is read already
 */
function followRun({ baseStream, _finishReason: end }: RunLike, observer: ResultObserver): boolean {
  if (!isWebStream(baseStream) || baseStream.locked || end?.status?.type !== 'pending') return false;
  followWebStream(baseStream, {
    ...passOn(observer),
    chunk(value) {
      const { part = value } = Object(value);
      const { type, text, textDelta, error } = Object(part);
      if (type === 'text-delta') observer.chunk(text ?? textDelta);
      if (type === 'error') observer.threw(error);
    },
  });
  observer.tieTo?.(baseStream);
  return true;
}
