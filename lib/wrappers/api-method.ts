import { followApiPromise } from './api-promise.js';
import { followReply } from './api-stream.js';
import type { Method } from './cover.js';
import { openCall } from './model-call.js';
import type { Translation } from './translation.js';
import type { WrapOptions } from './wrap-options.js';

/** A request with what the wrapper adds to it, and the chunks that come back because of it. */
export interface Amended {
  readonly request: unknown;
  readonly isHidden: ((chunk: unknown) => boolean) | undefined;
}

/** A method of a client that Stainless generates, recorded at every call. */
export function recordedApiMethod(
  original: Method,
  translation: Translation,
  options: WrapOptions,
  amend?: (request: unknown) => Amended | undefined,
): Method {
  return function create(this: unknown, ...args) {
    const [request, ...rest] = args;
    const call = openCall(translation, request, options);
    if (call === undefined) return original.apply(this, args);
    const amended = amend?.(request);
    const sent = amended === undefined ? args : [amended.request, ...rest];
    const result = call.start(() => original.apply(this, sent));
    return followApiPromise(result, call, (reply) => followReply(reply, call, amended?.isHidden));
  };
}
