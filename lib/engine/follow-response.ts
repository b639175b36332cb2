import type { IsWatched, Watcher } from './follow.js';
import { isNodeStream } from './follow-emitter.js';
import { cover, endOf, type Lead } from './in-place.js';

/*
 * A response is here when its head is, and so recorded; its call is over when its body has been read, or is not wanted any
 * more. What is read is its reader's.
 */

interface Response {
  readonly body?: unknown;
  readonly bodyUsed?: unknown;
}

/** Of `fetch`, whoever made it, and what `undici.request()` gives. */
export function isResponse(value: object): value is Response {
  return 'status' in value ? 'bodyUsed' in value : 'statusCode' in value && 'body' in value;
}

/** @returns false for one that has no body to be read */
export function watchResponse(response: Response, watcher: Watcher, isWatched: IsWatched): boolean {
  const { body, bodyUsed } = response;
  if (typeof body !== 'object' || body === null || bodyUsed === true) return false;
  if (bodyUsed === undefined && !isNodeStream(body)) return false;
  const lead: Lead = { isTaken: false };
  const over = () => watcher.streamed(undefined);
  const reader: Watcher = {
    returned: over,
    streamed: over,
    threw: (error) => watcher.threw(error),
    chunk() {},
    pull(fn) {
      lead.isTaken = true;
      return fn();
    },
  };
  watcher.idle?.(reader, endOf(watcher, lead), response);
  if (bodyUsed === undefined) return isWatched(body, reader);
  coverReadings(response, reader, lead, isWatched);
  // Looked at no sooner than by its reader: a response that is copied gets another body.
  const prototype: object = Object.getPrototypeOf(response);
  let watched: unknown;
  Object.defineProperty(response, 'body', {
    configurable: true,
    get(this: unknown) {
      const current: unknown = 'body' in prototype ? Reflect.get(prototype, 'body', this) : body;
      if (current !== watched) isWatched(current, reader);
      watched = current;
      return current;
    },
  });
  return true;
}

/** The first reading counts, of the response or of a copy. */
function coverReadings(response: object, reader: Watcher, lead: Lead, isWatched: IsWatched): void {
  for (const name of ['json', 'text', 'arrayBuffer', 'blob', 'formData', 'bytes', 'clone']) {
    const original: unknown = Reflect.get(response, name);
    if (typeof original !== 'function') continue;
    cover(response, name, function (this: unknown, ...args) {
      const given: unknown = Reflect.apply(original, this, args);
      if (name === 'clone')
        coverReadings(given as object, reader, lead, isWatched); // another of its class
      else if (!lead.isTaken) {
        lead.isTaken = true;
        isWatched(given, reader);
      }
      return given;
    });
  }
}
