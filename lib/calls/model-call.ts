import { getClient } from '../client/global-client.js';
import { recorderOf } from '../client/recording/client-parts.js';
import { suppressesProviderSpans } from '../client/recording/suppression.js';
import { collected } from '../common/collected.js';
import { asCallback, createSpan, createTrace } from '../engine/create-span.js';
import type { ResultObserver } from '../engine/follow.js';
import { followGenerator, followIterable } from '../engine/follow-stream.js';
import type { Frame } from '../engine/frame.js';
import { callbackFrame, markStart } from '../engine/frames-of-node.js';
import { currentFrame, placeIn, within } from '../engine/scope.js';
import type { CallAdapter } from './call-adapter.js';
import { CallRecord } from './call-record.js';
import { patchMethod } from './patch.js';
import { type Fields, fields } from './read-unknown.js';
import type { WrapOptions } from './wrap-options.js';

/** The part of an `AbortSignal` that is read. */
interface SignalState {
  readonly aborted: boolean;
}

/** A reader of a call's stream that is not the caller, such as a helper of the client. */
export interface StreamReader {
  /** Calls `then` when the reader is done: with an error if the reader has refused the stream, else with undefined. */
  whenOver(then: (error: unknown) => void): void;
}

/** Returns a function that returns whether the signal is aborted, without keeping the signal alive. */
function abortOf(signal: SignalState | undefined): () => boolean {
  const held = signal === undefined || typeof WeakRef === 'undefined' ? undefined : new WeakRef(signal);
  return () => held?.deref()?.aborted === true;
}

/**
 * Follows one call to a provider: its promise, its stream, its end. Only the caller's promise or stream references it, so it is
 * garbage-collected together with them.
 */
export class ModelCall implements ResultObserver {
  readonly #record: CallRecord;
  readonly #frame: Frame;
  readonly #outside: Frame;
  #signal: SignalState | undefined;
  #isBrokenOff = false;
  #isHeld = false;
  #isWatched = false;
  /** The reader of the stream; undefined if the caller reads it. */
  reader: StreamReader | undefined;

  constructor(record: CallRecord, outside: Frame) {
    this.#record = record;
    this.#outside = outside;
    this.#frame = callbackFrame(record.span, outside);
  }

  /**
   * Ends the call's own trace if this object is garbage-collected. For results that do nothing until somebody reads them, and may never
   * be read. Not for every call, because registering an object takes a fifth of the time of recording a call.
   */
  awaitReader(): void {
    const record = this.#record;
    if (this.#isWatched || record.trace === undefined) return;
    this.#isWatched = true;
    collected()?.register(this, () => record.abandoned());
  }

  /** Runs what starts the call, with its span current. */
  start<R>(fn: () => R): R {
    let result: R;
    try {
      result = within(this.#frame, fn);
    } catch (error) {
      this.threw(error);
      throw error;
    }
    markStart(this.#record.span, this.#outside);
    return result;
  }

  returned(value: unknown): void {
    this.replied(value);
    this.finished();
  }

  /** Called with the head of the response, if the client provides it. */
  answered(response: unknown): void {
    this.#record.answered(response);
  }

  /** The reply is here; what the client makes of it, such as a parsed object, may still fail: `finished` follows, or `threw`. */
  replied(value: unknown): void {
    this.#record.replied(value);
  }

  /** Ends the call, because the caller has its result; while {@link hold} keeps it open, does nothing. */
  finished(): void {
    if (!this.#isHeld) this.#record.finished();
  }

  /** Keeps the call open until {@link release}, because a helper of the client has yet to read its reply. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    this.finished();
  }

  chunk(value: unknown): void {
    this.#record.chunk(value);
  }

  streamed(): void {
    // If the reader leaves the stream early, the client itself aborts the signal.
    const isAborted = !this.#isBrokenOff && this.#signal?.aborted === true;
    if (this.reader === undefined) this.#record.streamed(isAborted);
    else {
      this.reader.whenOver((error) => {
        if (error === undefined) this.#record.streamed(isAborted);
        else this.#record.failed(error);
      });
    }
  }

  threw(error: unknown): void {
    this.#record.failed(error);
  }

  /** The call is over, and its body was left to the caller. */
  unread(metadata: Fields): void {
    this.#record.unread(metadata);
  }

  pull<R>(fn: () => R): R {
    return within(this.#frame, fn);
  }

  /** The reply is a stream. `signal` shows whether it was aborted, which some clients hide. */
  streaming(signal?: unknown): void {
    this.awaitReader();
    const { aborted } = fields(signal);
    if (typeof aborted === 'boolean') this.#signal = signal as SignalState; // looked at above
    this.#record.streaming(abortOf(this.#signal));
  }

  /** Follows the iterator of a stream in place. */
  followIterator(iterator: AsyncIterator<unknown>): void {
    followGenerator(iterator as Parameters<typeof followGenerator>[0], this); // has the methods that are patched
    const { return: giveBack } = iterator;
    if (giveBack === undefined) return;
    patchMethod(iterator, 'return', (value: unknown) => {
      this.#isBrokenOff = true;
      return giveBack.call(iterator, value);
    });
  }

  /** Follows an async iterable in place, for its first reader. */
  followIterable(iterable: AsyncIterable<unknown>): void {
    followIterable(iterable, this);
  }
}

/**
 * Opens the span of a call: a child of the current span, or in a trace of its own. Undefined if nothing is recorded, or if the
 * caller records the call itself. The parent is decided now, not when the reply comes.
 */
export function openCall(adapter: CallAdapter, request: unknown, options: WrapOptions): ModelCall | undefined {
  const outside = currentFrame();
  if (suppressesProviderSpans(outside)) return undefined;
  const current = placeIn(outside);
  const name = options.name ?? adapter.name;
  const given = { kind: adapter.kind, metadata: options.metadata };
  let record: CallRecord;
  if (current !== undefined) {
    record = new CallRecord(
      createSpan(current.trace, current.span, name, given, asCallback),
      undefined,
      adapter,
      options,
    );
  } else {
    const recorder = recorderOf(options.client ?? getClient(), outside);
    if (recorder === undefined) return undefined;
    const { sessionId, userId, tags, metadata } = options;
    const trace = createTrace(recorder, outside, name, { sessionId, userId, tags, metadata }, false);
    record = new CallRecord(createSpan(trace, undefined, name, given, asCallback), trace, adapter, options);
  }
  record.request(fields(request));
  return new ModelCall(record, outside);
}
