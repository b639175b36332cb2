import type { CallAdapter } from '../../calls/call-adapter.js';
import { CallRecord } from '../../calls/call-record.js';
import { type Fields, fields, omitNullish } from '../../calls/read-unknown.js';
import type { WrapOptions } from '../../calls/wrap-options.js';
import type { ResultObserver } from '../../engine/follow.js';
import { followWebStream, isWebStream } from '../../engine/follow-stream.js';
import type { Frame } from '../../engine/frame.js';
import { modelFrame } from '../../engine/integration/model-frame.js';
import { currentFrame, within } from '../../engine/scope.js';
import { objectJson } from '../../model/object-json.js';
import { guarded } from '../adapter/guarded.js';
import type { Step } from '../adapter/step.js';
import { whenCollected } from '../adapter/when-collected.js';

/**
 * One call of a model with its retries, as one span. It references no stream, so that an unread stream can be garbage-collected.
 */
export class ModelStep implements ResultObserver {
  readonly #record: CallRecord;
  readonly #onAbandoned: () => void;
  #frame: Frame | undefined;
  #attempts = 0;
  isStream = false;
  /** Why the last attempt failed, as long as there may be another. */
  #failure: { readonly error: unknown } | undefined;
  /** The error that the model has reported in its stream, which goes on to its end. */
  reported: unknown;
  #isOver = false;

  /** @param onAbandoned - called when its stream was garbage-collected before its end */
  constructor(step: Step, adapter: CallAdapter, options: WrapOptions, onAbandoned: () => void = () => {}) {
    this.#record = new CallRecord(step.span, step.trace, adapter, options);
    this.#onAbandoned = onAbandoned;
  }

  get span(): CallRecord['span'] {
    return this.#record.span;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The last attempt has failed; the next call of the same run is another attempt. */
  get mayBeRetried(): boolean {
    return !this.#isOver && this.#failure !== undefined;
  }

  request(request: unknown): void {
    this.#record.request(fields(request));
  }

  /** The frame in which the next attempt runs. */
  attempt(outside: Frame): Frame {
    this.#attempts += 1;
    this.#failure = undefined;
    this.#frame = modelFrame(this.span, outside);
    return this.#frame;
  }

  /** An attempt has returned its reply or stream. */
  answered(result: unknown): void {
    const { stream } = fields(result);
    if (typeof stream !== 'object' || stream === null || !isWebStream(stream)) {
      this.returned(result);
      return;
    }
    this.isStream = true;
    this.#record.streaming(() => false);
    followWebStream(stream, this);
    whenCollected(stream, () => {
      if (!this.#isOver) this.#onAbandoned();
    });
  }

  /** An attempt has failed; the SDK says later whether that was the last. */
  refused(error: unknown): void {
    this.#failure = { error };
  }

  returned(value: unknown): void {
    this.#end(() => {
      this.#record.replied(value);
      this.#record.finished();
    });
  }

  chunk(value: unknown): void {
    this.noticed(value);
    this.#record.chunk(value);
  }

  /** Looks for an error in a chunk of the stream. */
  noticed(chunk: unknown): void {
    const { type, error } = fields(chunk);
    if (type === 'error') this.reported = error ?? 'the model failed';
  }

  /** @param ms - from its start to the first content */
  firstChunkAfter(ms: number): void {
    const { draft } = this.span;
    draft.completionStartTime ??= draft.startedAt + ms;
  }

  streamed(): void {
    this.#end(() => this.#record.streamed(false));
  }

  /** The stream has broken. The SDK reports next whether by an abort. */
  threw(error: unknown): void {
    this.refused(error);
  }

  /** Runs one pull of the stream in the frame of the call. */
  pull<R>(fn: () => R): R {
    return this.#frame === undefined ? fn() : within(this.#frame, fn);
  }

  /** The run that it belongs to was aborted; its stream may have been cancelled already. */
  aborted(): void {
    if (this.#isOver) this.metadata({ aborted: true });
    else if (this.isStream) this.#end(() => this.#record.streamed(true));
    else this.#end(() => this.#record.unread({ aborted: true }));
  }

  /** Called when nothing more will be known of the call. If it has a trace of its own, that trace ends now. */
  abandoned(): void {
    this.#record.abandoned();
  }

  /** The run that it belongs to has failed. */
  failed(error: unknown): void {
    this.#end(() => this.#record.failed(this.#failure?.error ?? error));
  }

  #end(write: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    guarded('AI SDK', 'the end of a model call', () => {
      if (this.#attempts > 1) this.metadata({ attempts: this.#attempts });
      write();
    });
  }

  metadata(metadata: Fields): void {
    const given = omitNullish(metadata);
    if (given !== undefined) this.span.addMetadata(objectJson(this.span.capture(given, 'metadata')));
  }
}

/** Runs an attempt of a model call: its span is current meanwhile, and gets the answer, or the error for which the SDK may retry. */
export async function attempt<T>(model: ModelStep, execute: () => PromiseLike<T>): Promise<T> {
  const frame = guarded('AI SDK', 'a model call', () => model.attempt(currentFrame()));
  let result: T;
  try {
    result = await (frame === undefined ? execute() : within(frame, execute));
  } catch (error) {
    guarded('AI SDK', 'an error', () => model.refused(error));
    throw error;
  }
  guarded('AI SDK', 'a reply', () => model.answered(result));
  return result;
}
