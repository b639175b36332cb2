import { watchWebStream } from '../engine/follow-stream.js';
import { followReply } from './api-stream.js';
import { cover } from './cover.js';
import type { ModelCall } from './model-call.js';

/**
 * Follows a reply that is a web stream, whichever way it is read: in a loop, by a reader, or handed on by `tee()`,
 * `pipeTo()` and `pipeThrough()`, which then read it through one that is followed. The caller keeps the very stream.
 */
export function followWebStream(reply: unknown, call: ModelCall): unknown {
  if (!(reply instanceof ReadableStream)) return followReply(reply, call); // Mistral 1.0: an async iterable
  try {
    const { tee, pipeTo, pipeThrough } = reply;
    call.streaming();
    watchWebStream(reply, call);
    const { getReader } = reply; // the one that is followed
    const observed = () => observedStream(getReader.call(reply) as ReadableStreamDefaultReader<unknown>); // no mode is asked for
    for (const [name, original] of Object.entries({ tee, pipeTo, pipeThrough })) {
      cover(reply, name, (...args) => {
        if (reply.locked) return Reflect.apply(original, reply, args); // fails as it did
        return Reflect.apply(original, observed(), args);
      });
    }
  } catch {
    call.unread({}); // frozen or hostile: it cannot be watched
  }
  return reply;
}

/** Reads only as much as its own reader asks for, as the original would have. */
function observedStream(reader: ReadableStreamDefaultReader<unknown>): ReadableStream<unknown> {
  return new ReadableStream<unknown>(
    {
      async pull(controller) {
        const step = await reader.read();
        if (step.done) controller.close();
        else controller.enqueue(step.value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
