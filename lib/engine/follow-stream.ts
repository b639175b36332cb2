import { events } from '../common/builtins.js';
import type { Watcher } from './follow.js';

/*
 * Streams are watched in place: the caller keeps the very object, its class and its other methods, and only
 * the methods that pull are covered on the instance. Each pull runs in the call's scope; the code between
 * pulls is the consumer's and does not.
 */

interface Iterator {
  next(...args: readonly unknown[]): unknown;
  return?(value?: unknown): unknown;
  throw?(error?: unknown): unknown;
}
interface NodeStream {
  on(event: string | symbol, listener: (value: unknown) => void): unknown;
  pipe(...args: readonly unknown[]): unknown;
}

export function isGenerator(value: object): value is Iterator {
  const tag = Object.prototype.toString.call(value);
  return (tag === '[object Generator]' || tag === '[object AsyncGenerator]') && 'next' in value;
}

export function isAsyncIterable(value: object): value is AsyncIterable<unknown> {
  return Symbol.asyncIterator in value && typeof value[Symbol.asyncIterator] === 'function';
}

export function isWebStream(value: object): value is ReadableStream<unknown> {
  return typeof ReadableStream === 'function' && value instanceof ReadableStream;
}

/** A Node stream that can only be read. A socket is a value like any other: it does not end with the call. */
export function isNodeStream(value: object): value is NodeStream {
  return (
    'pipe' in value &&
    typeof value.pipe === 'function' &&
    'on' in value &&
    typeof value.on === 'function' &&
    'readable' in value &&
    !('writable' in value && value.writable === true)
  );
}

/** Covers a method on this one object, invisible to `Object.keys`. */
function cover(target: object, name: PropertyKey, value: (...args: never[]) => unknown): void {
  Object.defineProperty(target, name, { configurable: true, enumerable: false, writable: true, value });
}

/** Watches a generator, sync or async, or the iterator of an async iterable. */
export function watchGenerator(iterator: Iterator, watcher: Watcher): void {
  const { next, return: giveBack, throw: throwInto } = iterator;
  if (!Object.isExtensible(iterator)) throw new TypeError('expected an extensible iterator');
  const pulled = (pull: () => unknown): unknown => {
    let step: unknown;
    try {
      step = watcher.pull(pull);
    } catch (error) {
      watcher.threw(error);
      throw error;
    }
    if (!isPromise(step)) return note(step, watcher);
    return step.then(
      (settled) => note(settled, watcher),
      (error: unknown) => {
        watcher.threw(error);
        throw error;
      },
    );
  };
  cover(iterator, 'next', (...args) => pulled(() => next.apply(iterator, args)));
  if (giveBack !== undefined) cover(iterator, 'return', (value) => pulled(() => giveBack.call(iterator, value)));
  if (throwInto !== undefined) cover(iterator, 'throw', (error) => pulled(() => throwInto.call(iterator, error)));
}

function note(step: unknown, watcher: Watcher): unknown {
  if (typeof step === 'object' && step !== null && 'done' in step) {
    const value = 'value' in step ? step.value : undefined;
    if (step.done === true) watcher.streamed(value);
    else watcher.chunk(value);
  }
  return step;
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** Watches every iterator that an async iterable gives out; the first to end ends the call. */
export function watchIterable(iterable: AsyncIterable<unknown>, watcher: Watcher): void {
  if (!Object.isExtensible(iterable)) throw new TypeError('expected an extensible iterable');
  const original = iterable[Symbol.asyncIterator];
  let first: object | undefined;
  cover(iterable, Symbol.asyncIterator, () => {
    const iterator = watcher.pull(() => original.call(iterable)) as Iterator & object; // by the protocol of async iterables
    if (first === undefined) {
      first = iterator;
      watchGenerator(iterator, watcher);
      // Without a `return` of its own a loop that breaks off would end unseen.
      if (iterator.return === undefined) {
        cover(iterator, 'return', (value) => {
          watcher.streamed(undefined);
          return Promise.resolve({ done: true, value });
        });
      }
    }
    return iterator;
  });
}

/** Watches a Node stream without reading from it: an iteration shows its chunks, other readers only its end. */
export function watchNodeStream(stream: NodeStream, watcher: Watcher): void {
  stream.on('end', () => watcher.streamed(undefined));
  stream.on('close', () => watcher.streamed(undefined));
  stream.on(events().errorMonitor, (error) => watcher.threw(error));
  if (isAsyncIterable(stream)) watchIterable(stream, watcher);
}

/**
 * Watches a web stream through whatever reads it here; handed on to a pipe, the call is over. An iterator that is not the
 * platform's reads through a reader of its own: then what the iterator gives is what was read.
 */
export function watchWebStream(stream: ReadableStream<unknown>, watcher: Watcher): void {
  const { getReader, cancel, tee, pipeTo, pipeThrough } = stream;
  let isIterated = false;
  cover(stream, 'getReader', (...args) => {
    const reader = Reflect.apply(getReader, stream, args) as ReadableStreamDefaultReader<unknown>; // either kind has read()
    watchReader(reader, watcher, () => isIterated);
    return reader;
  });
  const handOn =
    (method: (...args: never[]) => unknown) =>
    (...args: never[]) => {
      const result = method.apply(stream, args);
      watcher.streamed(undefined);
      return result;
    };
  cover(stream, 'cancel', handOn(cancel as (...args: never[]) => unknown)); // same arguments, passed on
  cover(stream, 'tee', handOn(tee as (...args: never[]) => unknown)); // same arguments, passed on
  cover(stream, 'pipeTo', handOn(pipeTo as (...args: never[]) => unknown)); // same arguments, passed on
  cover(stream, 'pipeThrough', handOn(pipeThrough as (...args: never[]) => unknown)); // same arguments, passed on
  if (isAsyncIterable(stream)) {
    const { values } = stream as { values?: (...args: never[]) => AsyncIterator<unknown> }; // not in every lib.dom
    const iterate = stream[Symbol.asyncIterator];
    if (iterate !== (ReadableStream.prototype as AsyncIterable<unknown>)[Symbol.asyncIterator]) {
      cover(stream, Symbol.asyncIterator, () => {
        isIterated = true;
        return iterate.call(stream);
      });
    }
    watchIterable(stream, watcher);
    if (values !== undefined) {
      cover(stream, 'values', (...args) => {
        const iterator = values.apply(stream, args);
        watchGenerator(iterator as Iterator, watcher); // by the protocol of async iterators
        return iterator;
      });
    }
  }
}

/** @param isSilent - whether somebody else watches what is read through this reader */
function watchReader(reader: ReadableStreamDefaultReader<unknown>, watcher: Watcher, isSilent: () => boolean): void {
  const { read, cancel } = reader;
  cover(reader, 'read', (...args) => {
    const step: Promise<unknown> = watcher.pull(() => Reflect.apply(read, reader, args));
    return step.then(
      (settled) => (isSilent() ? settled : note(settled, watcher)),
      (error: unknown) => {
        if (!isSilent()) watcher.threw(error);
        throw error;
      },
    );
  });
  cover(reader, 'cancel', (...args) => {
    if (!isSilent()) watcher.streamed(undefined);
    return Reflect.apply(cancel, reader, args);
  });
}
