import type { CallAdapter } from '../calls/call-adapter.js';
import { type ModelCall, openCall } from '../calls/model-call.js';
import type { Method } from '../calls/patch.js';
import { fields } from '../calls/read-unknown.js';
import type { WrapOptions } from '../calls/wrap-options.js';
import { followWebStream } from '../engine/follow-stream.js';
import { followApiPromise } from './api-promise.js';
import { followReply } from './api-stream.js';

/** A method that records each of its calls. Its first argument is the request; streams are web streams. */
export function recordedWebMethod(original: Method, adapter: CallAdapter, options: WrapOptions): Method {
  return function method(this: unknown, ...args) {
    const call = openCall(adapter, fields(args[0]), options);
    if (call === undefined) return original.apply(this, args);
    const result = call.start(() => original.apply(this, args));
    return followApiPromise(result, call, (reply) => followWebReply(reply, call));
  };
}

/** Follows a reply that is a web stream, in whatever way it is read. The caller gets the same stream. */
function followWebReply(reply: unknown, call: ModelCall): unknown {
  if (!(reply instanceof ReadableStream)) return followReply(reply, call); // older clients: an async iterable
  try {
    call.streaming();
    followWebStream(reply, call);
  } catch {
    call.unread({}); // frozen or hostile: it cannot be followed
  }
  return reply;
}
