import { watchWebStream } from '../engine/follow-stream.js';
import { followReply } from './api-stream.js';
import type { ModelCall } from './model-call.js';

/** Follows a reply that is a web stream, whichever way it is read. The caller keeps the very stream. */
export function followWebStream(reply: unknown, call: ModelCall): unknown {
  if (!(reply instanceof ReadableStream)) return followReply(reply, call); // Mistral 1.0: an async iterable
  try {
    call.streaming();
    watchWebStream(reply, call);
  } catch {
    call.unread({}); // frozen or hostile: it cannot be watched
  }
  return reply;
}
