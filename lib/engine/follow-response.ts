import type { ResultObserver, TryFollow } from './follow.js';
import { isNodeStream } from './follow-emitter.js';
import { endOf, type Lead, patchHidden } from './in-place.js';

/*
 * A response is recorded when its head arrives. Its call is over when the body was read or cancelled. What was read is not
 * recorded: it belongs to the reader.
 */

interface ResponseLike {
  readonly body?: unknown;
  readonly bodyUsed?: unknown;
}

interface BodyLead extends Lead {
  /** Whether the body is read by one of the response's methods (`json()`, `text()`, …). */
  isWhole: boolean;
}

/** Whether a value is a `Response` of any `fetch`, or the result of `undici.request()`. */
export function isResponse(value: object): value is ResponseLike {
  return 'status' in value ? 'bodyUsed' in value : 'statusCode' in value && 'body' in value;
}

/** Follows a response until its body is read. @returns false if it has no body to read */
export function followResponse(response: ResponseLike, observer: ResultObserver, tryFollow: TryFollow): boolean {
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
  observer.mayStayOpen?.(reader, endOf(observer, lead), response); // only the response's patches hold the reader
  if (bodyUsed === undefined) return tryFollow(body, reader);
  patchReadings(response, whole, lead, tryFollow);
  // The body is not read before the program reads it, because a clone replaces the body.
  const own = Object.getOwnPropertyDescriptor(response, 'body');
  let followed: unknown;
  Object.defineProperty(response, 'body', {
    configurable: true,
    get(this: unknown) {
      const current: unknown = own === undefined ? Reflect.get(prototype, 'body', this) : (own.get?.call(this) ?? body);
      if (current !== followed) tryFollow(current, reader);
      followed = current;
      return current;
    },
  });
  return true;
}

/** Patches the methods that read the body. The first one called counts, on the response or on a clone. */
function patchReadings(response: object, whole: ResultObserver, lead: BodyLead, tryFollow: TryFollow): void {
  for (const name of ['json', 'text', 'arrayBuffer', 'blob', 'formData', 'bytes', 'clone']) {
    const original: unknown = Reflect.get(response, name);
    if (typeof original !== 'function') continue;
    patchHidden(response, name, function (this: unknown, ...args) {
      const isFirst = !lead.isTaken && name !== 'clone';
      // The method may still fail after the body was read, for example in JSON.parse.
      if (isFirst) lead.isTaken = lead.isWhole = true;
      const given: unknown = Reflect.apply(original, this, args);
      if (isFirst) tryFollow(given, whole);
      if (name === 'clone' && Object.isExtensible(given)) patchReadings(given as object, whole, lead, tryFollow);
      return given;
    });
  }
}
