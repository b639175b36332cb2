import { flattener } from '../model/capture-text.js';
import type { CaptureField } from '../model/capture-values.js';
import type { CapturedText, JsonText } from '../model/records.js';
import { CopyWalk } from './copy-walk.js';
import { type Fields, set } from './read-unknown.js';

/*
 * Files, images and audio of more than 1 KiB are recorded as their size only. Values are copied only where they change.
 */

/** Most bytes that are recorded unchanged, and their length in base64. */
export const maxInlineBytes = 1024;
const maxInlineChars = Math.ceil(maxInlineBytes / 3) * 4;

/** More levels than a captured value has. */
const maxDepth = 110;
/** A longer list of numbers is a vector, or bytes as a list. */
const maxNumbers = 256;
/** A longer list is not copied; the capture cuts it. */
const maxItems = 100_000;

/**
 * Base64 of more than 1 KiB: one unbroken run, or lines as in mails. A match begins only at the first character of a run; otherwise
 * the search would take quadratic time.
 */
const runs = new RegExp(
  `(?<![A-Za-z0-9+/_-])(?:[A-Za-z0-9+/_-]{${maxInlineChars + 1},}|(?:[A-Za-z0-9+/]{60,}(?:\\r?\\n|\\\\n)){12,}[A-Za-z0-9+/]*)={0,2}`,
  'g',
);

/** Fields with text for people. In these, a long run counts as bytes only if it looks random. */
const textKeys: ReadonlySet<string> = new Set(['text', 'content', 'arguments', 'refusal', 'input', 'output', 'prompt']);

/** `value` with base64 and bytes of more than 1 KiB replaced by their size, as far as it is plain data. */
export function withoutBytes(value: unknown): unknown {
  return new CopyWithoutBytes().of(value, 'content', 0);
}

/** A value without bytes, and whether all of it could be looked at. */
export interface Short {
  readonly value: unknown;
  readonly isPlain: boolean;
}

/** The value as {@link withoutBytes} gives it, and whether all of it could be looked at. */
export function shortened(value: unknown): Short {
  // A getter of the value may make a call of its own, which needs a second walk.
  const walk = idle ?? new CopyWithoutBytes();
  idle = undefined;
  const short = { value: walk.of(value, 'content', 0), isPlain: walk.isPlain };
  walk.end();
  idle = walk;
  return short;
}

/** A walk that is not in use, kept for the next value. */
let idle: CopyWithoutBytes | undefined;

/** A span or trace, as far as it captures values. */
interface Capturing {
  capture(value: unknown, field: CaptureField): JsonText | undefined;
  captureText(value: unknown, field: 'input' | 'output'): CapturedText | undefined;
}

/** Captures a value for a field of `node`, with bytes replaced as by {@link withoutBytes}. */
export function capturedWithoutBytes(
  value: unknown,
  node: Capturing,
  field: 'input' | 'output',
): CapturedText | undefined {
  return shortText(shortened(value), node, field);
}

/** Captures a shortened value, or a part of it. Parts that only the capture reads (a user's class, `toJSON`, a Map) are shortened then. */
export function shortText(short: Short, node: Capturing, field: 'input' | 'output'): CapturedText | undefined {
  return short.isPlain ? node.captureText(short.value, field) : shortJson(short, node, field);
}

/** The same for any field, as JSON text. */
export function shortJson({ value, isPlain }: Short, node: Capturing, field: CaptureField): JsonText | undefined {
  const text = node.capture(value, field);
  if (isPlain || text === undefined) return text;
  const captured: unknown = JSON.parse(text);
  const shorter = withoutBytes(captured);
  return shorter === captured ? text : (JSON.stringify(shorter) as JsonText); // JSON of a captured value
}

/** Copies one value without its bytes, only where it changes. */
class CopyWithoutBytes extends CopyWalk {
  /** Whether all of the value could be looked at. */
  isPlain = true;

  of(value: unknown, key: string, depth: number): unknown {
    if (typeof value === 'string') return textWithoutBytes(value, textKeys.has(key));
    return typeof value === 'object' && value !== null ? this.copyOf(value, key, depth) : value;
  }

  /** Forgets the copied value, so that the walk can copy another one. */
  override end(): void {
    super.end();
    this.isPlain = true;
  }

  protected override copy(value: object, key: string, depth: number): unknown {
    if (depth > maxDepth) return value;
    if (Array.isArray(value)) {
      if (value.length > maxNumbers && hasOnlyNumbers(value)) return `[${value.length} numbers]`;
      if (value.length > maxItems) return this.#leave(value);
      return mapped(value, (item) => this.of(item, key, depth + 1));
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    // Anything but plain data is left to the capture, which can read more kinds of objects.
    const isPlain = (prototype === Object.prototype || prototype === null) && !ArrayBuffer.isView(value);
    try {
      return isPlain && !('toJSON' in value) ? this.#ofFields(value as Fields, depth) : this.#leave(value);
    } catch {
      return this.#leave(value); // a getter threw; the capture writes a note for it
    }
  }

  #ofFields(source: Fields, depth: number): unknown {
    const names = Object.keys(source);
    let changed: Record<string, unknown> | undefined;
    for (let at = 0; at < names.length; at += 1) {
      const name = names[at] as string; // in range
      const item = source[name];
      if (changed === undefined && !mayChange(item)) continue;
      const after = this.of(item, name, depth + 1);
      if (changed === undefined && after !== item) changed = picked(source, names.slice(0, at));
      if (changed !== undefined) set(changed, name, after);
    }
    return changed ?? source;
  }

  #leave(value: object): object {
    this.isPlain = false;
    return value;
  }
}

/** Whether a copy may differ from the value. It cannot for most values: short texts and numbers. */
function mayChange(value: unknown): boolean {
  return typeof value === 'string' ? value.length > maxInlineChars : typeof value === 'object' && value !== null;
}

/** A copy with these fields, each read once. */
function picked(source: Fields, names: readonly string[]): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const name of names) set(copy, name, source[name]);
  return copy;
}

/** Whether all items are numbers; stops at the first other item or hole. */
function hasOnlyNumbers(items: readonly unknown[]): boolean {
  for (let at = 0; at < items.length; at += 1) if (typeof items[at] !== 'number') return false;
  return true;
}

/** Like `map`, but returns the same array if no item changes. */
function mapped<T>(items: readonly T[], change: (item: T) => T): readonly T[] {
  let result: T[] | undefined;
  items.forEach((item, i) => {
    const after = change(item);
    if (after === item) return;
    result ??= [...items];
    result[i] = after;
  });
  return result ?? items;
}

/** A text in which every run of base64 with more than 1 KiB of content is replaced by `[N bytes]`. */
export function textWithoutBytes(value: string, isText = true): string {
  if (value.length <= maxInlineChars || !mayHoldBytes(value)) return value;
  return value.replace(runs, (run) => (isText && !isVaried(run) ? run : `[${base64Bytes(run)} bytes]`));
}

/** The shortest line of base64 that {@link runs} takes for bytes. */
const leastLine = 60;

/**
 * Whether {@link runs} may find something. A run of 60 characters covers one of the places 59, 119, 179 …, so only these are
 * tested. The expression itself would test each character several times.
 */
function mayHoldBytes(text: string): boolean {
  flattener.flatten(text); // a text from a stream may still be in pieces, which are slow to read by index
  const { length } = text;
  for (let at = leastLine - 1; at < length; at += leastLine) {
    let start = at;
    while (start >= 0 && isBase64(text.charCodeAt(start))) start -= 1;
    if (start === at) continue;
    while (at < length && isBase64(text.charCodeAt(at))) at += 1;
    if (at - start > maxInlineChars) return true;
    if (at - start > leastLine && /[\r\n\\]/.test(text.charAt(at))) return true;
  }
  return false;
}

/** A letter, a digit, or one of `+/_-`. */
function isBase64(unit: number): boolean {
  if (unit >= 97) return unit <= 122;
  if (unit >= 65) return unit <= 90 || unit === 95;
  return (unit >= 47 && unit <= 57) || unit === 43 || unit === 45;
}

/** Whether a run looks random, as encoded bytes do, unlike words or a line of one letter. */
function isVaried(run: string): boolean {
  const sample = run.slice(0, 512);
  return new Set(sample).size >= 16 && /[A-Z]/.test(sample) && /[a-z]/.test(sample) && /\d/.test(sample);
}

/** How many bytes a base64 text contains. */
export function base64Bytes(base64: string): number {
  const length = base64.replace(/\s|\\n|=+$/g, '').length;
  return Math.floor((length * 3) / 4);
}
