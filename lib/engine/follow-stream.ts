import { isThenable } from '../common/thenable.js';
import type { ResultObserver } from './follow.js';
import { isCrowded, type Lead, patchHidden } from './in-place.js';

/* Each pull of a stream runs in the call's frame. The consumer's code between two pulls does not. */

interface IteratorLike {
  next(...args: readonly unknown[]): unknown;
  return?(value?: unknown): unknown;
  throw?(error?: unknown): unknown;
}

export function isGenerator(value: object): value is IteratorLike {
  const tag = Object.prototype.toString.call(value);
  return (tag === '[object Generator]' || tag === '[object AsyncGenerator]') && 'next' in value;
}

export function isAsyncIterable(value: object): value is AsyncIterable<unknown> {
  return Symbol.asyncIterator in value && typeof value[Symbol.asyncIterator] === 'function';
}

export function isWebStream(value: unknown): value is ReadableStream<unknown> {
  return typeof ReadableStream === 'function' && value instanceof ReadableStream;
}

/** Follows a generator, sync or async, or the iterator of an async iterable. */
export function followGenerator(iterator: IteratorLike, observer: ResultObserver): void {
  const { next, return: giveBack, throw: throwInto } = iterator;
  if (!Object.isExtensible(iterator)) throw new TypeError('expected an extensible iterator');
  // Made once, because a stream has many chunks.
  const settled = (step: unknown) => reportStep(step, observer);
  const failed = (error: unknown) => {
    observer.threw(error);
    throw error;
  };
  const pullNext = () => next.call(iterator);
  const pulled = (pull: () => unknown, report = settled): unknown => {
    let step: unknown;
    try {
      step = observer.pull(pull);
    } catch (error) {
      observer.threw(error);
      throw error;
    }
    return isThenable(step) ? step.then(report, failed) : report(step);
  };
  patchHidden(iterator, 'next', (...args) => pulled(args.length === 0 ? pullNext : () => next.apply(iterator, args)));
  if (giveBack !== undefined) {
    patchHidden(iterator, 'return', (value) => {
      const last = (step: unknown) => reportStep(step, observer, true);
      return pulled(() => giveBack.call(iterator, value), last);
    });
  }
  if (throwInto !== undefined) patchHidden(iterator, 'throw', (error) => pulled(() => throwInto.call(iterator, error)));
}

/** @param isOver - whether a step without `done` is the last one: true for the step of `return()`, false for that of `next()` */
function reportStep(step: unknown, observer: ResultObserver, isOver = false): unknown {
  if (typeof step === 'object' && step !== null) {
    const { done = isOver, value } = step as { done?: unknown; value?: unknown }; // an object may have any property
    if (done) observer.streamed(value);
    else observer.chunk(value);
  }
  return step;
}

/**
 * Follows the first iterator that an async iterable makes, also if it makes it for its own `tee()`.
 * Source: `openai` and `@anthropic-ai/sdk`, whose streams make every iterator in `iterator()`.
 */
export function followIterable(
  iterable: AsyncIterable<unknown>,
  observer: ResultObserver,
  lead: Lead = { isTaken: false },
): void {
  if (!Object.isExtensible(iterable) || isCrowded(iterable)) throw new TypeError('expected an extensible iterable');
  patchIterators(iterable, observer, lead);
}

function patchIterators(iterable: AsyncIterable<unknown>, observer: ResultObserver, lead: Lead): void {
  for (const name of [Symbol.asyncIterator, 'iterator']) {
    const original: unknown = Reflect.get(iterable, name);
    if (typeof original !== 'function') continue;
    patchHidden(iterable, name, (...args) => {
      const isFirst = !lead.isTaken;
      lead.isTaken = true;
      const iterator = observer.pull(() => Reflect.apply(original, iterable, args)) as IteratorLike & object; // by the protocol of async iterables
      if (isFirst) {
        observer.tieTo?.(iterator);
        followPart(() => followIterator(iterator, observer), iterable, observer);
      }
      return iterator;
    });
  }
}

function followIterator(iterator: IteratorLike, observer: ResultObserver): void {
  followGenerator(iterator, observer);
  if (iterator.return !== undefined) return;
  // Without a `return` method, nobody would notice that a loop was left early.
  patchHidden(iterator, 'return', (value) => {
    observer.streamed(undefined);
    return Promise.resolve({ done: true, value });
  });
}

/** Follows an iterator or reader that `whole` has given to the program. If it cannot be followed (frozen, hostile), the call is over. */
function followPart(follow: () => void, whole: object, observer: ResultObserver): void {
  try {
    follow();
  } catch {
    observer.returned(whole);
  }
}

/**
 * Follows a web stream, however it is read. `tee()` and the pipes use an internal reader that cannot be observed, so they get a
 * stream that reads from this one and observes. An iterator that is not the platform's has its own reader; then the items of the
 * iterator are recorded.
 */
export function followWebStream(stream: ReadableStream<unknown>, observer: ResultObserver): void {
  if (isCrowded(stream)) throw new TypeError('expected a stream that few calls follow');
  const { getReader, cancel } = stream;
  let isIterated = false;
  patchHidden(stream, 'getReader', (...args) => {
    const reader = Reflect.apply(getReader, stream, args) as ReadableStreamDefaultReader<unknown>; // either kind has read()
    followPart(() => followReader(reader, observer, () => isIterated), stream, observer);
    return reader;
  });
  patchHidden(stream, 'cancel', (...args) => {
    const result = Reflect.apply(cancel, stream, args);
    observer.streamed(undefined);
    return result;
  });
  for (const name of ['tee', 'pipeTo', 'pipeThrough'] as const) {
    const original: unknown = stream[name];
    if (typeof original !== 'function') continue;
    patchHidden(stream, name, (...args) => {
      // A locked stream fails as before, and a subclass has its own way to pipe.
      if (stream.locked || original !== ReadableStream.prototype[name]) return Reflect.apply(original, stream, args);
      const hasBytes = name === 'tee' && isByteStream(stream, getReader);
      const reader = stream.getReader();
      const result: unknown = Reflect.apply(original, observed(reader, hasBytes), args);
      const release = () => reader.releaseLock();
      // The caller gets the promise of `finally`. If it got `result`, a handled rejection would be unhandled in the derived promise.
      return name === 'pipeTo' ? (result as Promise<void>).finally(release) : result;
    });
  }
  if (isAsyncIterable(stream)) {
    const { values } = stream as { values?: (...args: never[]) => AsyncIterator<unknown> }; // not in every lib.dom
    const iterate = stream[Symbol.asyncIterator];
    if (iterate !== (ReadableStream.prototype as AsyncIterable<unknown>)[Symbol.asyncIterator]) {
      patchHidden(stream, Symbol.asyncIterator, () => {
        isIterated = true;
        return iterate.call(stream);
      });
    }
    patchIterators(stream, observer, { isTaken: false });
    if (values !== undefined) {
      patchHidden(stream, 'values', (...args) => {
        const iterator = values.apply(stream, args);
        followPart(() => followGenerator(iterator as IteratorLike, observer), stream, observer); // by the protocol of async iterators
        return iterator;
      });
    }
  }
}

/** Whether a stream that is not locked can be read into the reader's own memory. */
function isByteStream(stream: ReadableStream<unknown>, getReader: ReadableStream['getReader']): boolean {
  try {
    Reflect.apply(getReader, stream, [{ mode: 'byob' }]).releaseLock();
    return true;
  } catch {
    return false;
  }
}

/**
 * A stream that passes on and observes what `reader` reads. It reads only as much as its consumer asks for.
 * @param hasBytes - whether it is a byte stream
 */
function observed(reader: ReadableStreamDefaultReader<unknown>, hasBytes: boolean): ReadableStream<unknown> {
  const source = {
    async pull(controller: Controller) {
      const step = await reader.read();
      if (step.done) end(controller);
      // A byte stream takes the memory of a chunk away, and `reduce` may need it later.
      else controller.enqueue((hasBytes ? new Uint8Array(step.value as Uint8Array) : step.value) as never);
    },
    cancel: (reason: unknown) => reader.cancel(reason),
  };
  const given: object = hasBytes ? { type: 'bytes', ...source } : source;
  return new ReadableStream<unknown>(given, { highWaterMark: 0 });
}

type Controller = ReadableStreamDefaultController<unknown> | ReadableByteStreamController;

/** Closes a stream, also for a reader that waits with memory of its own. */
function end(controller: Controller): void {
  controller.close();
  if ('byobRequest' in controller) controller.byobRequest?.respond(0);
}

/** @param isFollowedElsewhere - whether the items are already observed somewhere else */
function followReader(
  reader: ReadableStreamDefaultReader<unknown>,
  observer: ResultObserver,
  isFollowedElsewhere: () => boolean,
): void {
  const { read, cancel, releaseLock } = reader;
  let isReleased = false;
  patchHidden(reader, 'releaseLock', () => {
    Reflect.apply(releaseLock, reader, []);
    isReleased = true; // reads that wait are rejected, but another reader may go on
  });
  patchHidden(reader, 'read', (...args) => {
    const step: Promise<unknown> = observer.pull(() => Reflect.apply(read, reader, args));
    return step.then(
      (settled) => (isFollowedElsewhere() ? settled : reportStep(settled, observer)),
      (error: unknown) => {
        if (!isReleased && !isFollowedElsewhere()) observer.threw(error);
        throw error;
      },
    );
  });
  patchHidden(reader, 'cancel', (...args) => {
    if (!isFollowedElsewhere()) observer.streamed(undefined);
    return Reflect.apply(cancel, reader, args);
  });
}
