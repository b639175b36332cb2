import { flattener } from '../model/capture-text.js';
import type { CaptureField } from '../model/capture-values.js';
import type { CapturedText, JsonText } from '../model/records.js';
import { type Fields, set } from './read-unknown.js';

/*
 * Files, images and audio are never sent; only their size is recorded. Values are copied only where they change.
 */

/** Most bytes that are recorded as they are, and their length in base64. */
export const maxInlineBytes = 1024;
const maxInlineChars = Math.ceil(maxInlineBytes / 3) * 4;

/** Deeper than a captured value goes. */
const maxDepth = 110;
/** Vectors, and bytes that were turned into a list. */
const maxNumbers = 256;
/** A longer list is not copied. */
const maxItems = 100_000;

/** One unbroken run, or lines as mail programs break them; only from its first character on, or it takes squared time. */
const runs = new RegExp(
  `(?<![A-Za-z0-9+/_-])(?:[A-Za-z0-9+/_-]{${maxInlineChars + 1},}|(?:[A-Za-z0-9+/]{60,}(?:\\r?\\n|\\\\n)){12,}[A-Za-z0-9+/]*)={0,2}`,
  'g',
);

/** The note for an object inside itself, the same as for captured values. */
const circular = '[Circular]';

/** Fields that hold text for people: there a long word without a space is not taken for bytes so easily. */
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

/** {@link withoutBytes}, for a value that is captured once or more. */
export function shortened(value: unknown): Short {
  const copy = new CopyWithoutBytes();
  return { value: copy.of(value, 'content', 0), isPlain: copy.isPlain };
}

/** A span or trace, as far as it captures values. */
interface Capturing {
  capture(value: unknown, field: CaptureField): JsonText | undefined;
  captureText(value: unknown, field: 'input' | 'output'): CapturedText | undefined;
}

/** The same as text, captured for a field of `node`. */
export function capturedWithoutBytes(
  value: unknown,
  node: Capturing,
  field: 'input' | 'output',
): CapturedText | undefined {
  return shortText(shortened(value), node, field);
}

/** A shortened value, or a part of it, as text: what only shows when it is captured (a class of the user's, `toJSON`, a Map) is looked at then. */
export function shortText(short: Short, node: Capturing, field: 'input' | 'output'): CapturedText | undefined {
  return short.isPlain ? node.captureText(short.value, field) : shortJson(short, node, field);
}

/** The same as JSON text, for any field. */
export function shortJson({ value, isPlain }: Short, node: Capturing, field: CaptureField): JsonText | undefined {
  const text = node.capture(value, field);
  if (isPlain || text === undefined) return text;
  const captured: unknown = JSON.parse(text);
  const shorter = withoutBytes(captured);
  return shorter === captured ? text : (JSON.stringify(shorter) as JsonText); // captured text, cut
}

/** So many objects of one value are entered anew wherever they are linked; later ones once. Most values have fewer. */
const maxUnremembered = 64;

/** One walk over one value. An object inside itself is noted; however objects are linked, the walk does not go on for ever. */
class CopyWithoutBytes {
  /** Whether all of the value could be looked at. */
  isPlain = true;
  /** The objects around the one that is looked at. */
  readonly #around: object[] = [];
  #entered = 0;
  #done: Map<object, unknown> | undefined;

  of(value: unknown, key: string, depth: number): unknown {
    if (typeof value === 'string') return textWithoutBytes(value, textKeys.has(key));
    if (typeof value !== 'object' || value === null) return value;
    if (this.#around.includes(value)) return circular;
    if (this.#done?.has(value) === true) return this.#done.get(value);
    this.#around.push(value);
    const result = this.#ofObject(value, key, depth);
    this.#around.pop();
    this.#entered += 1;
    if (this.#entered > maxUnremembered) {
      this.#done ??= new Map();
      this.#done.set(value, result);
    }
    return result;
  }

  #ofObject(value: object, key: string, depth: number): unknown {
    if (depth > maxDepth) return value;
    if (Array.isArray(value)) {
      if (value.length > maxNumbers && hasOnlyNumbers(value)) return `[${value.length} numbers]`;
      // So many items, or holes, are cut where they are captured.
      if (value.length > maxItems) return this.#leave(value);
      return mapped(value, (item) => this.of(item, key, depth + 1));
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    // Anything but plain data is left to the capture, which writes no bytes, but perhaps texts.
    const isPlain = (prototype === Object.prototype || prototype === null) && !ArrayBuffer.isView(value);
    if (!isPlain || 'toJSON' in value) return this.#leave(value);
    const source = value as Fields; // plain
    const names = Object.keys(source);
    let changed: Record<string, unknown> | undefined;
    for (let at = 0; at < names.length; at += 1) {
      const name = names[at] as string; // in range
      const item = source[name];
      const after = this.of(item, name, depth + 1);
      if (changed === undefined && after !== item) changed = copyOf(source, names.slice(0, at));
      if (changed !== undefined) set(changed, name, after);
    }
    return changed ?? value;
  }

  #leave(value: object): object {
    this.isPlain = false;
    return value;
  }
}

/** The fields so far, each read once. */
function copyOf(source: Fields, names: readonly string[]): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const name of names) set(copy, name, source[name]);
  return copy;
}

/** Whether all items are numbers; stops at the first other item or hole. */
function hasOnlyNumbers(items: readonly unknown[]): boolean {
  for (let at = 0; at < items.length; at += 1) if (typeof items[at] !== 'number') return false;
  return true;
}

/** The very array where nothing changed. */
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
 * Whether {@link runs} may find something. A run of 60 characters lies over every sixtieth, wherever it begins: of text for
 * people few characters are looked at, where the expression looks at each several times.
 */
function mayHoldBytes(text: string): boolean {
  flattener.flatten(text); // what is read from a stream is still in pieces
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

/** Encoded bytes look random; words, or a line of one letter, do not. */
function isVaried(run: string): boolean {
  const sample = run.slice(0, 512);
  return new Set(sample).size >= 16 && /[A-Z]/.test(sample) && /[a-z]/.test(sample) && /\d/.test(sample);
}

/** How many bytes a base64 text contains. */
export function base64Bytes(base64: string): number {
  const length = base64.replace(/\s|\\n|=+$/g, '').length;
  return Math.floor((length * 3) / 4);
}
