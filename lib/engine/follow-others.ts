import { isThenable } from '../common/thenable.js';
import type { ResultObserver, Tools } from './follow.js';
import { followEmitter, isEmitter } from './follow-emitter.js';
import { followObservable, isObservable } from './follow-observable.js';
import { followQuery } from './follow-query.js';
import { followResponse, isResponse } from './follow-response.js';
import { isAsyncIterable } from './follow-stream.js';
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
  return undefined;
}
