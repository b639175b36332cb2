import { types } from '../common/builtins.js';
import { Entries } from './entries.js';
import { read } from './guarded-reads.js';
import { exchangeOf, httpForm, withoutSecrets } from './secrets.js';

/** Longest stack of an error that is kept, in characters. */
const maxStackChars = 4000;
/** Longest name in a `[Function …]` note. */
const maxNoteChars = 200;

/** Entries of a larger Map or Set are read one by one, while there is room for them. */
const maxSpread = 100_000;
const mapSize = Object.getOwnPropertyDescriptor(Map.prototype, 'size')?.get;
const setSize = Object.getOwnPropertyDescriptor(Set.prototype, 'size')?.get;

/** Values to be written as one JSON array, or key-value pairs to be written as one JSON object. They are not read yet. */
export class Sequence {
  constructor(
    readonly items: Iterable<unknown>,
    readonly isKeyed: boolean,
  ) {}
}

/** Means that a value has no special form. */
export const ordinary: unique symbol = Symbol('ordinary');

/** `[Function name]`. */
export function functionNote(value: object): string {
  const name = read(value, 'name');
  return typeof name === 'string' && name !== '' ? `[Function ${name.slice(0, maxNoteChars)}]` : '[Function]';
}

/** `[Symbol description]`. */
export function symbolNote(value: symbol): string {
  return value.description ? `[Symbol ${value.description.slice(0, maxNoteChars)}]` : '[Symbol]';
}

const builtInPrototypes = new Set<object>([
  Array.prototype,
  Entries.prototype,
  Date.prototype,
  RegExp.prototype,
  Error.prototype,
  Map.prototype,
  Set.prototype,
  WeakMap.prototype,
  WeakSet.prototype,
  // Hardened environments remove these.
  ...[globalThis.WeakRef, globalThis.SharedArrayBuffer].flatMap((type) => type?.prototype ?? []),
  Promise.prototype,
  ArrayBuffer.prototype,
  DataView.prototype,
  Number.prototype,
  String.prototype,
  Boolean.prototype,
  Symbol.prototype,
  BigInt.prototype,
  URLSearchParams.prototype,
]);

/** A value of a class with one of these may be written in another form than that of an object. */
const specialNames = [
  'addRequest',
  'arrayBuffer',
  'getHeader',
  'getPaginatedItems',
  'getReader',
  'getWriter',
  'header',
  'headers',
  'next',
  'pipe',
  Symbol.asyncIterator,
  Symbol.toStringTag,
];

const ordinaryPrototypes = new WeakSet<object>();

/**
 * Whether an object without `toJSON`, which is no view of bytes, is written with its own properties: plain objects, and those of most
 * classes of the user's own. The checks for another form cost more than writing a small object. May throw.
 */
export function isOrdinary(value: object, prototype: object | null): boolean {
  if (prototype === Object.prototype || prototype === null) return true;
  if ('href' in value) return false;
  if (ordinaryPrototypes.has(prototype)) return true;
  const parent: object | null = Object.getPrototypeOf(prototype);
  // Built-ins of another realm are not known by their prototype, so its objects and classes take the checks.
  if (parent === null || !isOrdinary(value, parent) || builtInPrototypes.has(prototype)) return false;
  for (const _ in prototype) return false; // a loop over the names of an object would find it, too
  const isSpecial = specialNames.some((name) => name in prototype);
  if (!isSpecial) ordinaryPrototypes.add(prototype);
  return !isSpecial;
}

/**
 * The replacement of a built-in whose form does not depend on user code, or `ordinary`. May throw.
 * Built-ins are recognized by their internal slots, not by their prototype, so those of another realm are found, too.
 */
export function replaceBuiltIn(value: object, prototype: object): unknown {
  if (ArrayBuffer.isView(value)) return bytes(viewName(value), value.byteLength);
  const http = httpForm(value, prototype);
  if (http !== undefined) return http;
  if (types.isDate(value)) {
    const time = Date.prototype.getTime.call(value);
    return Number.isNaN(time) ? 'Invalid Date' : Date.prototype.toISOString.call(value);
  }
  if (types.isNativeError(value) || value instanceof Error) return errorEntries(value);
  if (types.isAnyArrayBuffer(value)) {
    return bytes(types.isSharedArrayBuffer(value) ? 'SharedArrayBuffer' : 'ArrayBuffer', value.byteLength);
  }
  if (types.isRegExp(value)) return RegExp.prototype.toString.call(value);
  if (value instanceof URLSearchParams) {
    return withoutSecrets(URLSearchParams.prototype.toString.call(value));
  }
  if (types.isPromise(value)) return '[Promise]';
  if (types.isBoxedPrimitive(value)) return unbox(value);
  if (types.isWeakMap(value)) return '[WeakMap]';
  if (types.isWeakSet(value)) return '[WeakSet]';
  if (typeof WeakRef !== 'undefined' && value instanceof WeakRef) return '[WeakRef]';
  return ordinary;
}

/** The replacement of a collection, a blob, a stream or an object without own properties, or `ordinary`. May throw. */
export function replaceInstance(value: object, prototype: object): unknown {
  if (types.isMap(value)) return mapForm(value);
  if (types.isSet(value)) return setForm(value);
  if ('arrayBuffer' in prototype && 'size' in prototype) {
    const size = read(value, 'size');
    return bytes(tagOf(value, prototype).slice('[object '.length, -1), typeof size === 'number' ? size : 0);
  }
  if ('getPaginatedItems' in prototype) {
    const items = read(value, 'data'); // of a page of OpenAI or Anthropic, which also has the request and the response
    if (Array.isArray(items)) return items;
  }
  if (types.isGeneratorObject(value) || isStreamLike(prototype)) return tagOf(value, prototype);
  if (Symbol.toStringTag in prototype && Object.keys(value).length === 0) return tagOf(value, prototype);
  return ordinary;
}

function isStreamLike(prototype: object): boolean {
  return (
    Symbol.asyncIterator in prototype ||
    ('next' in prototype && Symbol.iterator in prototype) ||
    'getReader' in prototype ||
    'getWriter' in prototype ||
    ('pipe' in prototype && 'on' in prototype)
  );
}

function tagOf(value: object, prototype: object): string {
  const tag = Object.prototype.toString.call(value);
  if (tag !== '[object Object]') return tag;
  const name = (prototype as { constructor?: { name?: unknown } }).constructor?.name;
  return typeof name === 'string' && name !== '' ? `[object ${name}]` : tag;
}

function setForm(set: ReadonlySet<unknown>): Sequence | unknown[] {
  const values = Set.prototype.values.call(set);
  return setSize?.call(set) > maxSpread ? new Sequence(values, false) : [...values];
}

function mapForm(map: ReadonlyMap<unknown, unknown>): Entries | Sequence | unknown[] {
  if (mapSize?.call(map) > maxSpread) {
    let isKeyed = true;
    for (const key of Map.prototype.keys.call(map)) {
      isKeyed = typeof key === 'string';
      if (!isKeyed) break;
    }
    return new Sequence(Map.prototype.entries.call(map), isKeyed);
  }
  const pairs = [...Map.prototype.entries.call(map)];
  const entries = new Entries();
  for (const [key, item] of pairs) {
    if (typeof key !== 'string') return pairs;
    entries.add(key, item);
  }
  return entries;
}

function bytes(type: string, size: number): Entries {
  return new Entries().add('type', type).add('bytes', size);
}

const typedArrayTag = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)?.get;

function viewName(view: ArrayBufferView): string {
  if (Buffer.isBuffer(view)) return 'Buffer';
  const tag: unknown = typedArrayTag?.call(view);
  return typeof tag === 'string' ? tag : 'DataView';
}

function unbox(value: object): unknown {
  if (types.isNumberObject(value)) return Number.prototype.valueOf.call(value);
  if (types.isStringObject(value)) return String.prototype.valueOf.call(value);
  if (types.isBooleanObject(value)) return Boolean.prototype.valueOf.call(value);
  if (types.isSymbolObject(value)) return Symbol.prototype.valueOf.call(value);
  return BigInt.prototype.valueOf.call(value as unknown as bigint);
}

const errorKeys = ['name', 'message', 'stack', 'code', 'cause', 'errors'];
/**
 * Properties of an error that are written elsewhere, or that are an HTTP client's own objects (axios, got, OpenAI, …) with keys
 * in their headers.
 */
const skippedErrorKeys = new Set([...errorKeys, 'config', 'request', 'response', 'headers', 'toJSON']);

function stackText(stack: string): string {
  return withoutSecrets(stack.slice(0, maxStackChars * 2)).slice(0, maxStackChars);
}

function errorEntries(error: object): Entries {
  const entries = new Entries();
  const keys = [...errorKeys, ...Object.keys(error).filter((key) => !skippedErrorKeys.has(key))];
  for (const key of keys) {
    const item = read(error, key);
    // Messages may contain URLs with credentials. A text is masked before it is cut, because half a credential would not be
    // recognized.
    if (typeof item === 'string') entries.add(key, key === 'stack' ? stackText(item) : withoutSecrets(item));
    else if (item !== undefined) entries.add(key, item);
  }
  const request = exchangeOf(read(error, 'config') ?? read(error, 'request'));
  if (request !== undefined) entries.add('request', request);
  const response = exchangeOf(read(error, 'response'));
  if (response !== undefined) entries.add('response', response);
  return entries;
}
