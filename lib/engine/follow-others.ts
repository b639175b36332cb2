import { isThenable } from '../common/thenable.js';
import type { ResultObserver, Tools } from './follow.js';
import { followEmitter, isEmitter } from './follow-emitter.js';
import { followObservable, isObservable } from './follow-observable.js';
import { followQuery } from './follow-query.js';
import { followResponse, isResponse } from './follow-response.js';
import { isAsyncIterable } from './follow-stream.js';
import { isCrowded } from './in-place.js';

/**
 * Follows what is neither a promise of the language nor a stream of the platform, where it is not over yet. It stands in the
 * file of delivery, which every client that records has loaded: a program that only imports the package does without.
 * @returns false for what is over, or cannot be followed; undefined for what it does not know
 */
export function followOther(value: object, observer: ResultObserver, tools: Tools): boolean | undefined {
  const { isFollowed, followIterable } = tools;
  if ('then' in value && isThenable(value)) {
    // Lazy, and may be taken in several ways.
    const lead = { isTaken: false };
    if (!followQuery(value, observer, lead, isFollowed)) return false;
    if (isAsyncIterable(value)) followIterable(value, observer, lead);
    if (isEmitter(value)) followEmitter(value, observer, followIterable, lead);
    return true;
  }
  if (isEmitter(value)) return value !== observer.self && followEmitter(value, observer, followIterable);
  if (isResponse(value)) return followResponse(value, observer, isFollowed);
  if (isObservable(value)) return !isCrowded(value) && followObservable(value, observer, tools.outside);
  return undefined;
}
