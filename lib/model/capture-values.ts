import type { Log } from '../common/log.js';
import { captureFolded, captureJson } from './capture.js';
import { byteLength, cutNote, sizeOf } from './capture-text.js';
import { exceptionMetadata } from './error-details.js';
import type { SpanKind } from './kinds.js';
import type { CapturedText, JsonText } from './records.js';
import { withoutSecrets } from './secrets.js';
import { cleanText, maxBytesPerUnit } from './text.js';

/** The field that a captured value or text belongs to. */
export type CaptureField =
  | 'name'
  | 'input'
  | 'output'
  | 'metadata'
  | 'modelParameters'
  | 'model'
  | 'error'
  | 'tags'
  | 'sessionId'
  | 'userId'
  | 'environment'
  | 'release'
  | 'value'
  | 'reason';

/** What a value belongs to that is passed to the mask. */
export interface MaskContext {
  /** Which value or text of the trace, span or score it is. */
  readonly field: CaptureField;
  /** Name of the trace; empty for the trace's name itself, and for scores. */
  readonly traceName: string;
  /** Name of the span; undefined for the trace's own values. */
  readonly spanName: string | undefined;
  /** Kind of the span; undefined for the trace's own values. */
  readonly kind: SpanKind | undefined;
}

/**
 * Removes secrets from a value. `value` is a plain JSON copy, or a string for text fields. The mask may change it in place; the
 * program's own data is not changed. The result is recorded. Undefined leaves a value out; in place of a text, `[Masked]` is
 * recorded. The mask must not be async: if it throws, or returns a promise or a function, `[Masked: mask failed]` is recorded.
 *
 * @example
 * ```ts
 * const mask: Mask = (value) => JSON.parse(JSON.stringify(value).replaceAll(/\d{16}/g, '[card]'));
 * ```
 */
export type Mask = (value: unknown, context: MaskContext) => unknown;

/** The names of the trace, span or score that a captured value belongs to, for the user's mask. */
export type ValueOwner = Partial<Omit<MaskContext, 'field'>>;

/** Turns the user's values into recorded text. No method throws. */
export interface Capture {
  /** Any value as JSON text; undefined for undefined. */
  value(value: unknown, field: CaptureField, owner: ValueOwner): JsonText | undefined;
  /** Captures a value; its long strings are quoted later. */
  captured(value: unknown, field: 'input' | 'output', owner: ValueOwner): CapturedText | undefined;
  /** A text without null characters and lone surrogates, within the size limit of values. */
  text(text: string, field: CaptureField, owner: ValueOwner): string;
  /** What is recorded of an error besides its text. @defaultValue nothing */
  readonly exception?: typeof exceptionMetadata;
  /** Whether a mask may change values, by their field and owner. @defaultValue true */
  readonly masks?: boolean;
}

const failedNote = '[Masked: mask failed]';
const hiddenNote = '[Masked]';
/** Up to this size, a mask gets the whole value, so that a cut cannot split a secret. In bytes. */
const maxMaskedBytes = 16 * 1024 * 1024;

/** Makes a capture that masks each value if there is a `mask`, and cuts it at `maxValueBytes`. */
export function createCapture(options: {
  readonly maxValueBytes: number;
  readonly mask?: Mask | undefined;
  readonly log: Log;
  /** Parses JSON text to the objects that the mask gets. */
  readonly parse?: (text: string) => unknown;
}): Capture {
  const { maxValueBytes, mask, log, parse = JSON.parse } = options;
  const limits = { maxBytes: maxValueBytes };
  if (mask === undefined) {
    return {
      value: (value) => (value === undefined ? undefined : captureJson(value, limits)),
      captured: (value) => (value === undefined ? undefined : captureFolded(value, limits)),
      text: (text, field) => (field === 'error' ? errorText(text, maxValueBytes) : boundText(text, maxValueBytes)),
      exception: exceptionMetadata,
      masks: false,
    };
  }
  const masked = maskSafely(mask, log);
  const wide = { maxBytes: Math.max(maxMaskedBytes, maxValueBytes) };
  const maskedJson: Capture['value'] = (value, field, owner) => {
    if (value === undefined) return undefined;
    const copy = parse(captureJson(value, wide));
    const result = masked(copy, contextOf(field, owner));
    return result === undefined ? undefined : captureJson(result, limits);
  };
  return {
    value: maskedJson,
    captured: maskedJson,
    exception: exceptionMetadata,
    text(text, field, owner) {
      const result = masked(cleanText(text), contextOf(field, owner));
      const isText = typeof result === 'string' || typeof result === 'number' || typeof result === 'boolean';
      return isText ? boundText(String(result), maxValueBytes) : hiddenNote;
    },
  };
}

function contextOf(field: CaptureField, { traceName = '', spanName, kind }: ValueOwner): MaskContext {
  return { field, traceName, spanName, kind };
}

function maskSafely(mask: Mask, log: Log): Mask {
  let isMasking = false;
  return (value, context) => {
    // A mask that has something recorded itself would be called for that, without end.
    if (isMasking) return hiddenNote;
    let result: unknown;
    // Neither the value nor the error's message is logged: both may contain the secret.
    const fail = (what: string): string => {
      log.warn(
        'mask',
        `mask ${what} for the ${context.field} of a ${context.spanName === undefined ? 'trace' : 'span'}; it is replaced`,
      );
      return failedNote;
    };
    isMasking = true;
    try {
      result = mask(value, context);
      if (typeof result === 'function' || typeof result === 'symbol') return fail(`gave a ${typeof result}`);
      if (!canBeAwaited(result)) return result;
      // The promise's rejection must not become an unhandled rejection of the application.
      Promise.resolve(result).catch(() => {});
    } catch {
      return fail('threw');
    } finally {
      isMasking = false;
    }
    return fail('gave a promise');
  };
}

/**
 * Whether the mask's result is a promise. Reads `then` of every object, so that an unreadable result fails here and not when it
 * is written.
 */
function canBeAwaited(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/** How much more of an error's text is searched for credentials than can be kept, in UTF-16 units, so that none is cut in two. */
const moreUnits = 4096;

/** An error's text without credentials. An HTTP client may put a whole response into it. */
function errorText(text: string, maxBytes: number): string {
  if (text.length <= maxBytes + moreUnits) return boundText(withoutSecrets(text), maxBytes);
  const { kept, note } = cutText(text, maxBytes);
  const searched = withoutSecrets(text.slice(0, kept.length + moreUnits));
  return cleanText(searched.slice(0, kept.length)) + note;
}

function boundText(text: string, maxBytes: number): string {
  // Every unit is at least one byte, except the few that are removed. So only the part of a very long text that may be kept is
  // read.
  const clean = text.length > maxBytes * 2 ? text : cleanText(text);
  if (clean.length * maxBytesPerUnit <= maxBytes || (clean.length <= maxBytes && byteLength(clean) <= maxBytes))
    return clean;
  const { kept, note } = cutText(clean, maxBytes);
  return kept + note;
}

/** The beginning of a text that does not fit, and the note of its size. */
function cutText(text: string, maxBytes: number): { readonly kept: string; readonly note: string } {
  // A third of the units always fits; the cleaning takes half a surrogate pair off the end.
  const kept = cleanText(text.slice(0, Math.max(0, Math.floor((maxBytes - 64) / maxBytesPerUnit))));
  const { bytes, isMore } = sizeOf(text);
  return { kept, note: `… ${cutNote(bytes, isMore)}` };
}
