import type { ResultObserver, Tools } from './follow.js';
import { isAsyncIterable } from './follow-stream.js';
import { endOf, isCrowded, type Lead, patchHidden } from './in-place.js';

/*
 * Emitters (Node streams, child processes, workers, the stream helpers of OpenAI and Anthropic) are followed by patching `emit`.
 * A listener would make 'error' count as handled, start a stream, show in the listener count, and be removed by
 * `removeAllListeners()`.
 */

type Emit = (event: unknown, ...args: unknown[]) => unknown;

type EmitObserver = (event: string, value: unknown) => void;
const observers = new WeakMap<object, EmitObserver[]>();

interface Emitter {
  readonly channel?: unknown;
  readonly closed?: unknown;
  readonly readableEnded?: unknown;
  readonly ended?: unknown;
}

/** For a value that a flush does not end. */
const notAtFlush: Lead = { isTaken: true };
/** Names of the events that end an emitter. */
const ends = /^(?:end|close|exit|finish|done|complete)$/;
/** Names of the events that carry one item, for Node's emitters and the stream helpers. */
const items = /^(?:data|chunk|event|streamEvent|message)$/;

/** Whether a value is an emitter, judged by its methods. Mongoose's documents have `emit`, too, but are no emitters. */
export function isEmitter(value: object): value is Emitter {
  return '_events' in value || '_emit' in value;
}

/** Whether a value is a Node stream; outgoing requests and responses are, too. */
export function isNodeStream(value: object): boolean {
  return 'readableEnded' in value || 'writableEnded' in value;
}

/**
 * Follows an emitter without listening to it: its items, its end and its error.
 * @param lead - that of the query, if the emitter is also one
 * @returns false for an emitter that has ended, and for connections and servers; these are recorded like any other value
 */
export function followEmitter(
  emitter: Emitter,
  observer: ResultObserver,
  followIterable: Tools['followIterable'],
  lead?: Lead,
): boolean {
  const isStream = isNodeStream(emitter);
  // Superagent's response is a stream of the oldest kind, which has no state to read.
  if (lead === undefined && !isStream && 'pipe' in emitter) return false;
  if ('connect' in emitter || 'listen' in emitter || isCrowded(emitter)) return false;
  if (emitter.closed === true || emitter.readableEnded === true || emitter.ended === true) return false;
  const isHelper = '_emit' in emitter;
  const name = isHelper ? '_emit' : 'emit';
  const first = lead ?? { isTaken: false };
  if (isStream) followReads(emitter, observer);
  else if (isAsyncIterable(emitter) && lead === undefined) followIterable(emitter, observer, first);
  let hasItems = false;
  const onEmit = (event: string, value: unknown) => {
    if (event === 'error' || (event === 'abort' && isHelper)) {
      if (isStream && isLeft(value)) observer.streamed(undefined);
      else observer.threw(value);
    } else if (ends.test(event)) {
      // A child may have ended while messages were on their way.
      if (event === 'exit' && emitter.channel) return;
      // A stream that was written to its end may not be read yet, and a request not answered.
      if (event === 'finish' && ('readableEnded' in emitter || 'abort' in emitter)) return;
      // 'exit' has a code, and 'done' may have a result.
      if (hasItems || value === undefined || isStream) observer.streamed(undefined);
      else observer.returned(value);
    } else if (items.test(event) && !(hasItems && event === 'message' && isHelper)) {
      hasItems = true;
      observer.chunk(value);
    }
  };
  observersOf(emitter, name).push((event, value) => {
    if (!first.isTaken) onEmit(event, value);
  });
  if ('writableEnded' in emitter || !(isStream || isHelper || lead))
    observer.mayStayOpen?.(emitter, endOf(observer, notAtFlush));
  else observer.tieTo?.(emitter);
  return true;
}

/** Observers of an emitter, called before its listeners. The first one belongs to the innermost call, which ends first. */
function observersOf(emitter: Emitter, name: 'emit' | '_emit'): EmitObserver[] {
  const known = observers.get(emitter);
  if (known !== undefined) return known;
  const made: EmitObserver[] = [];
  const emit = (emitter as unknown as Record<typeof name, Emit>)[name]; // looked at by `isEmitter`
  patchHidden(emitter, name, function (this: unknown, ...args: Parameters<Emit>) {
    const [event, value] = args;
    if (typeof event === 'string') for (const onEmit of made) onEmit(event, value);
    return emit.apply(this, args);
  });
  observers.set(emitter, made);
  return made;
}

/** Whether it is the error with which a `for await` loop destroys a stream that it leaves early. */
function isLeft(error: unknown): boolean {
  try {
    const { code, cause } = Object(error);
    return code === 'ABORT_ERR' && cause === undefined;
  } catch {
    return false; // a hostile one
  }
}

/** Runs the code that makes the chunks in the call's frame. */
function followReads(stream: object, observer: ResultObserver): void {
  const { _read: read } = stream as { _read?: (...args: unknown[]) => unknown }; // of readable streams
  if (typeof read === 'function') {
    patchHidden(stream, '_read', function (this: unknown, ...args: unknown[]) {
      return observer.pull(() => read.apply(this, args));
    });
  }
}
