import type { UserFunction } from '../engine/handles.js';
import type { SpanKind } from '../model/kinds.js';

/** What of a call is recorded. */
export interface CaptureOptions {
  /**
   * `false` records no input; a function gets the arguments and returns what to record.
   * @defaultValue an object keyed by parameter name
   */
  readonly captureInput?: boolean | UserFunction<unknown> | undefined;
  /**
   * `false` records no output; a function gets the result and returns what to record.
   * @defaultValue the result
   */
  readonly captureOutput?: boolean | UserFunction<unknown> | undefined;
  /**
   * What to record of a generator or stream, from its chunks (the first 10,000).
   * @defaultValue the list of chunks
   */
  readonly reduce?: UserFunction<unknown> | undefined;
}

/** Options of `@trace` and `traceFunction`. */
export interface TraceCallOptions extends CaptureOptions {
  /** Name of the trace, 1 to 512 characters. @defaultValue the method's name */
  readonly name?: string | undefined;
  /** Up to 255 characters. @defaultValue the current session */
  readonly sessionId?: string | null | undefined;
  /** Up to 255 characters. @defaultValue the current user */
  readonly userId?: string | null | undefined;
  /** Texts to find the trace by. */
  readonly tags?: readonly string[] | null | undefined;
  /** An object of your own, recorded with every call. */
  readonly metadata?: Readonly<Record<string, unknown>> | null | undefined;
  /** Inside another trace: start a separate trace, or become an AGENT span of it. @defaultValue 'trace' */
  readonly nested?: 'trace' | 'span' | undefined;
}

/** Options of `@span` and `spanFunction`. */
export interface SpanCallOptions extends CaptureOptions {
  /** Name of the span, 1 to 512 characters. @defaultValue the method's name */
  readonly name?: string | undefined;
  /** What the method does. @defaultValue 'OTHER' */
  readonly kind?: SpanKind | undefined;
  /** The model's name, up to 255 characters. */
  readonly model?: string | null | undefined;
  /** An object of your own, recorded with every call. */
  readonly metadata?: Readonly<Record<string, unknown>> | null | undefined;
}
