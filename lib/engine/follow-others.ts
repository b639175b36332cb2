import { isThenable } from '../common/thenable.js';
import type { Tools, Watcher } from './follow.js';
import { isEmitter, watchEmitter } from './follow-emitter.js';
import { isObservable, watchObservable } from './follow-observable.js';
import { watchQuery } from './follow-query.js';
import { isResponse, watchResponse } from './follow-response.js';
import { isAsyncIterable } from './follow-stream.js';
import { isCrowded } from './in-place.js';

/**
 * Watches what is neither a promise of the language nor a stream of the platform, where it is not over yet. It stands in the
 * file of delivery, which every client that records has loaded: a program that only imports the package does without.
 * @returns false for what is over, or cannot be watched; undefined for what it does not know
 */
export function watchOther(value: object, watcher: Watcher, tools: Tools): boolean | undefined {
  const { isWatched, watchIterable } = tools;
  if ('then' in value && isThenable(value)) {
    // Lazy, and may be taken in several ways.
    const lead = { isTaken: false };
    if (!watchQuery(value, watcher, lead, isWatched)) return false;
    if (isAsyncIterable(value)) watchIterable(value, watcher, lead);
    if (isEmitter(value)) watchEmitter(value, watcher, watchIterable, lead);
    return true;
  }
  if (isEmitter(value)) return value !== watcher.self && watchEmitter(value, watcher, watchIterable);
  if (isResponse(value)) return watchResponse(value, watcher, isWatched);
  if (isObservable(value)) return !isCrowded(value) && watchObservable(value, watcher, tools.outside);
  return undefined;
}
