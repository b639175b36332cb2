import type { ModelCall } from '../calls/model-call.js';
import { patchMethod } from '../calls/patch.js';
import { fields } from '../calls/read-unknown.js';

/** A stream of a client that Stainless generates (OpenAI, Anthropic): all its methods use `iterator()`. */
interface ApiStream {
  iterator: () => AsyncIterator<unknown>;
}

/**
 * Follows a parsed reply: a stream while it is read; any other reply is recorded at once, and finished when the caller gets it.
 *
 * @param isHidden - whether a chunk is hidden from the caller
 * @returns the same reply
 */
export function followReply(reply: unknown, call: ModelCall, isHidden?: (chunk: unknown) => boolean): unknown {
  try {
    if (isApiStream(reply)) followApiStream(reply, call, isHidden);
    else if (isIterable(reply)) {
      call.streaming();
      if (isIterator(reply)) {
        call.followIterator(reply);
        if (isHidden !== undefined) leaveOut(reply, isHidden);
      } else {
        call.followIterable(reply);
        if (isHidden !== undefined) leaveOutOf(reply, isHidden);
      }
    } else call.replied(reply);
  } catch {
    call.unread({}); // frozen or hostile: it cannot be followed
  }
  return reply;
}

function followApiStream(stream: ApiStream, call: ModelCall, isHidden?: (chunk: unknown) => boolean): void {
  call.streaming(fields(fields(stream).controller).signal);
  const { iterator: original } = stream;
  let isFollowed = false;
  stream.iterator = function (this: unknown) {
    const iterator = call.pull(() => original.call(this));
    // A second iterator would only report that the stream has been consumed.
    if (isFollowed) return iterator;
    isFollowed = true;
    call.followIterator(iterator);
    if (isHidden !== undefined) leaveOut(iterator, isHidden);
    return iterator;
  };
}

function leaveOutOf(iterable: AsyncIterable<unknown>, isHidden: (chunk: unknown) => boolean): void {
  const original = iterable[Symbol.asyncIterator];
  patchMethod(iterable, Symbol.asyncIterator, () => {
    const iterator = original.call(iterable);
    leaveOut(iterator, isHidden);
    return iterator;
  });
}

function leaveOut(iterator: AsyncIterator<unknown>, isHidden: (chunk: unknown) => boolean): void {
  const { next } = iterator;
  patchMethod(iterator, 'next', async (...args: readonly unknown[]): Promise<IteratorResult<unknown>> => {
    for (;;) {
      const step = await next.apply(iterator, args as [] | [unknown]);
      if (step.done === true || !isHidden(step.value)) return step;
    }
  });
}

function isApiStream(value: unknown): value is ApiStream {
  return isIterable(value) && 'iterator' in value && typeof value.iterator === 'function';
}

/** Whether a stream is a generator, which may be read with its own methods as well as in a loop. */
function isIterator(value: AsyncIterable<unknown>): value is AsyncIterable<unknown> & AsyncIterator<unknown> {
  return 'next' in value && typeof value.next === 'function';
}

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Symbol.asyncIterator in value &&
    typeof value[Symbol.asyncIterator] === 'function'
  );
}
