import { ScopeStorage } from './scope-storage.js';

/** Replaces `lib/common/builtins.ts`: the parts of Node's modules that this package uses, for runtimes without them. */

export const asyncHooks = () => ({ AsyncLocalStorage: ScopeStorage });

export const crypto = () => ({
  randomFillSync: (bytes: Uint8Array<ArrayBuffer>) => globalThis.crypto.getRandomValues(bytes),
});

/** Undefined: there are no folders, so a path in the options is not checked. */
export const fs = () => undefined;
export const path = () => ({ resolve: (path: string) => path });

/** The part of `node:util` in use. Output is never coloured, because there is no terminal. */
export const util = () => ({ styleText: (_: unknown, text: string) => text, isDeepStrictEqual: isEqual, types });

/** Undefined: there are no threads to share memory with. */
export const sharedMemory = (): undefined => undefined;

/** The `Symbol.toStringTag` of a value, which a program can change; undefined if reading it throws. */
function tagOf(value: unknown): string | undefined {
  try {
    return Object.prototype.toString.call(value).slice('[object '.length, -1);
  } catch {
    return undefined;
  }
}

/** Recognizes a built-in by an internal slot that only `read` can read, as Node does, whatever its prototype is. */
function readableBy(read: ((this: never) => unknown) | undefined): (value: unknown) => boolean {
  return (value) => {
    if (typeof value !== 'object' || value === null || read === undefined) return false;
    try {
      read.call(value as never);
      return true;
    } catch {
      return false;
    }
  };
}

function getter(prototype: object, name: string): ((this: never) => unknown) | undefined {
  return Object.getOwnPropertyDescriptor(prototype, name)?.get;
}

/** Recognizes a built-in. It compares the tag first, because catching an error for every other value is slow. */
const known = (tag: string, read: ((this: never) => unknown) | undefined) => {
  const isReadable = readableBy(read);
  return (value: unknown): boolean => tagOf(value) === tag && isReadable(value);
};
/** Recognizes an object by its tag alone. */
const named =
  (...tags: string[]) =>
  (value: unknown): boolean =>
    typeof value === 'object' && value !== null && tags.includes(tagOf(value) ?? '');

const isNumberObject = known('Number', Number.prototype.valueOf);
const isStringObject = known('String', String.prototype.valueOf);
const isBooleanObject = known('Boolean', Boolean.prototype.valueOf);
const isSymbolObject = known('Symbol', Symbol.prototype.valueOf);
const isBigIntObject = known('BigInt', BigInt.prototype.valueOf);
const boxed = [isNumberObject, isStringObject, isBooleanObject, isSymbolObject, isBigIntObject];

/** The checks of `node:util`.types, as far as they are possible without Node. */
export const types = {
  isDate: known('Date', Date.prototype.getTime),
  isRegExp: known('RegExp', RegExp.prototype.toString),
  isMap: known('Map', getter(Map.prototype, 'size')),
  isSet: known('Set', getter(Set.prototype, 'size')),
  isWeakMap: named('WeakMap'),
  isWeakSet: named('WeakSet'),
  isAnyArrayBuffer: named('ArrayBuffer', 'SharedArrayBuffer'),
  isSharedArrayBuffer: named('SharedArrayBuffer'),
  isNativeError: (value: unknown): boolean => value instanceof Error || tagOf(value) === 'Error',
  /**
   * True also for a promise of another realm: on some runtimes `fetch` returns one. An object that only has the tag is found out when
   * it is followed.
   */
  isPromise: (value: unknown): boolean => value instanceof Promise || tagOf(value) === 'Promise',
  isGeneratorObject: named('Generator', 'AsyncGenerator'),
  isAsyncFunction: (value: unknown): boolean =>
    typeof value === 'function' && ['AsyncFunction', 'AsyncGeneratorFunction'].includes(tagOf(value) ?? ''),
  /** Always false: a proxy cannot be recognized here, and is read like its target. */
  isProxy: (_: unknown): boolean => false,
  isBoxedPrimitive: (value: unknown): boolean =>
    typeof value === 'object' && value !== null && boxed.some((isOne) => isOne(value)),
  isNumberObject,
  isStringObject,
  isBooleanObject,
  isSymbolObject,
};

/** Whether two JSON values are equal. */
function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [ofA, ofB] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  if (Array.isArray(a) !== Array.isArray(b) || ofA.size !== ofB.size) return false;
  return [...ofA].every(([key, value]) => ofB.has(key) && isEqual(value, ofB.get(key)));
}
