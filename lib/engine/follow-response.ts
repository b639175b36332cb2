import type { IsFollowed, ResultObserver } from './follow.js';
import { isNodeStream } from './follow-emitter.js';
import { endOf, type Lead, patchHidden } from './in-place.js';

/*
 * A response is recorded when its head arrives. Its call is over when the body was read or cancelled. What was read is not recorded:
 * it belongs to the reader.
 */

interface Response {
  readonly body?: unknown;
  readonly bodyUsed?: unknown;
}

interface BodyLead extends Lead {
  /** Read by one of the response's methods. */
  isWhole: boolean;
}

/** Of `fetch`, whoever made it, and what `undici.request()` gives. */
export function isResponse(value: object): value is Response {
  return 'status' in value ? 'bodyUsed' in value : 'statusCode' in value && 'body' in value;
}

/** @returns false for one that has no body to be read */
export function followResponse(response: Response, observer: ResultObserver, isFollowed: IsFollowed): boolean {
  const prototype: object = Object.getPrototypeOf(response);
  const { bodyUsed } = response;
  const body: unknown = 'body' in prototype ? Reflect.get(prototype, 'body', response) : response.body;
  if (typeof body !== 'object' || body === null || bodyUsed === true) return false;
  if (bodyUsed === undefined && !isNodeStream(body)) return false;
  const lead: BodyLead = { isTaken: false, isWhole: false };
  const over = () => observer.streamed(undefined);
  const whole: ResultObserver = {
    returned: over,
    streamed: over,
    threw: (error) => observer.threw(error),
    chunk() {},
    pull: (fn) => fn(),
  };
  const reader: ResultObserver = {
    ...whole,
    streamed: () => lead.isWhole || over(),
    threw: (error) => lead.isWhole || observer.threw(error),
    pull(fn) {
      lead.isTaken = true;
      return fn();
    },
  };
  observer.idle?.(reader, endOf(observer, lead), response);
  if (bodyUsed === undefined) return isFollowed(body, reader);
  patchReadings(response, whole, lead, isFollowed);
  // Not read before its reader does: a response that is cloned gets another body.
  const own = Object.getOwnPropertyDescriptor(response, 'body');
  let followed: unknown;
  Object.defineProperty(response, 'body', {
    configurable: true,
    get(this: unknown) {
      const current: unknown = own === undefined ? Reflect.get(prototype, 'body', this) : (own.get?.call(this) ?? body);
      if (current !== followed) isFollowed(current, reader);
      followed = current;
      return current;
    },
  });
  return true;
}

/** The first reading counts, of the response or of a copy. */
function patchReadings(response: object, whole: ResultObserver, lead: BodyLead, isFollowed: IsFollowed): void {
  for (const name of ['json', 'text', 'arrayBuffer', 'blob', 'formData', 'bytes', 'clone']) {
    const original: unknown = Reflect.get(response, name);
    if (typeof original !== 'function') continue;
    patchHidden(response, name, function (this: unknown, ...args) {
      const isFirst = !lead.isTaken && name !== 'clone';
      // What it makes of the body may fail when that has been read.
      if (isFirst) lead.isTaken = lead.isWhole = true;
      const given: unknown = Reflect.apply(original, this, args);
      if (isFirst) isFollowed(given, whole);
      if (name === 'clone') patchReadings(given as object, whole, lead, isFollowed); // another of its class
      return given;
    });
  }
}
