import { partsOf } from '../client/recording/client-parts.js';
import { errorText } from '../common/error-text.js';
import { UsageError } from '../common/errors.js';
import { createLog } from '../common/log.js';
import { ownOnly } from '../common/own.js';
import type { WrapOptions } from './wrap-options.js';

/*
 * Clients are patched in place: only methods of the one object that the caller gave are replaced, so other clients and the provider's
 * classes stay as they are. The client holds its own patches, under a key that every copy of this package in the process knows.
 */

const key = Symbol.for('pandaprobe.wrapped');

/** A log of its own, because clients are often wrapped while modules load, before there is a `Client` with a log. */
const log = createLog({ debug: false });

/** Any method of a provider's client. */
export type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Replaces a method of one object. The new property is enumerable if the object's own method was. */
export function patchMethod(
  target: object,
  name: PropertyKey,
  value: (this: unknown, ...args: never[]) => unknown,
): void {
  const enumerable = Object.prototype.propertyIsEnumerable.call(target, name);
  Object.defineProperty(target, name, { configurable: true, writable: true, enumerable, value });
}

/** A function that runs `replacement`, and in everything else is `original`: its name, the methods of a mock, and so on. */
function inPlaceOf(original: Method, replacement: Method): Method {
  return new Proxy(original, { apply: (_, self, args) => Reflect.apply(replacement, self, args) });
}

/**
 * Returns the client's own method, also if another tracer has wrapped the client in a Proxy. A method that is set on the Proxy is
 * set on the client behind it, and the client's own helpers call it there. They need the promises that the client's own method
 * returns; the other tracer's method may return different ones.
 */
function methodBelow(target: object, name: string): Method | undefined {
  for (let owner: object | null = target; owner !== null; owner = Object.getPrototypeOf(owner)) {
    const found = Object.getOwnPropertyDescriptor(owner, name);
    if (found !== undefined) return typeof found.value === 'function' ? found.value : undefined;
  }
  return undefined;
}

/** Calls the method that `target` inherits at the time of the call: a test or another tracer may replace it in the class. */
function inherited(target: object, name: string): Method {
  return function (this: unknown, ...args) {
    const parent: object = Object.getPrototypeOf(target);
    return Reflect.apply(methodBelow(parent, name) ?? Reflect.get(parent, name, target), this, args);
  };
}

/** The replaced methods of one object, which can be restored. */
export class Patches {
  readonly #restores: (() => void)[] = [];

  /** Replaces the method `target[name]` by what `wrap` returns. @returns false if there is no such method */
  method(target: unknown, name: string, wrap: (original: Method) => Method): boolean {
    if ((typeof target !== 'object' && typeof target !== 'function') || target === null) return false;
    const given: unknown = Reflect.get(target, name);
    if (typeof given !== 'function') return false;
    const before = Object.getOwnPropertyDescriptor(target, name);
    const original = methodBelow(target, name) ?? (given as Method);
    const replacement = inPlaceOf(original, wrap(before === undefined ? inherited(target, name) : original));
    patchMethod(target, name, replacement);
    this.#restores.push(() => {
      if (Object.getOwnPropertyDescriptor(target, name)?.value !== replacement) return; // somebody has patched it again
      if (before === undefined) Reflect.deleteProperty(target, name);
      else Object.defineProperty(target, name, before);
    });
    return true;
  }

  /** Patches a part of a client that a getter creates on first use. `wrap` is called then, not before, because the creation may warn. */
  lazy(target: object, name: string, wrap: (part: unknown) => void): void {
    let owner: object | null = target;
    while (owner !== null && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner);
    const make = owner === null ? undefined : Object.getOwnPropertyDescriptor(owner, name)?.get;
    if (make === undefined || owner === target) {
      wrap(Reflect.get(target, name));
      return;
    }
    let last: unknown;
    const get = function (this: unknown): unknown {
      const part: unknown = make.call(this);
      if (part !== last) wrap(part);
      last = part;
      return part;
    };
    Object.defineProperty(target, name, { configurable: true, enumerable: false, get });
    this.#restores.push(() => {
      if (Object.getOwnPropertyDescriptor(target, name)?.get === get) Reflect.deleteProperty(target, name);
    });
  }

  /** Registers another function to call in {@link restore}. */
  onRestore(restore: () => void): void {
    this.#restores.push(restore);
  }

  restore(): void {
    for (const restore of this.#restores.reverse()) restore();
  }
}

/** Parts of a warning's text: which calls are recorded, and the page that lists the known versions. */
interface WarningWords {
  readonly calls: string;
  readonly page: string;
}

const ofProviders: WarningWords = { calls: 'model calls', page: 'docs/wrappers.md' };

/**
 * Wraps an object; a second call changes nothing. An object that cannot be changed is returned unchanged, with a warning. `wrap`
 * returns the name of a missing method that every known version has.
 *
 * @param what - such as `an OpenAI client`
 */
export function wrapOnce<T extends object, O extends Pick<WrapOptions, 'client'>>(
  client: T,
  what: string,
  options: O,
  wrap: (patches: Patches, options: O) => string | undefined,
  { calls, page }: WarningWords = ofProviders,
): T {
  if (typeof client !== 'object' || client === null) {
    throw new UsageError(`expected ${what} to wrap, got ${client === null ? 'null' : typeof client}`);
  }
  const own = readOptions(options);
  if (Object.hasOwn(client, key)) return client;
  const patches = new Patches();
  let missing: string | undefined;
  try {
    missing = wrap(patches, own);
    Object.defineProperty(client, key, { configurable: true, enumerable: false, value: () => patches.restore() });
  } catch (error) {
    patches.restore(); // the part that could be changed
    log.warn(
      `${what} that cannot be changed`,
      `expected ${what} that can be changed, got one that cannot (${errorText(error)}): its ${calls} are not recorded; wrap it before it is frozen`,
    );
  }
  if (missing !== undefined) {
    log.warn(
      `${what} without ${missing}`,
      `expected ${what} with ${missing}, got one of a version that is not known: its ${calls} are not recorded (${page} of this package lists the versions)`,
    );
  }
  return client;
}

/**
 * The caller's options without inherited ones. They are checked here, where they were written, not at every call.
 *
 * @throws UsageError if they are not an object, or `client` is not a Client
 */
export function readOptions<O extends Pick<WrapOptions, 'client'>>(options: O): O {
  if (typeof options !== 'object' || options === null) {
    throw new UsageError(`expected an object of options, got ${options === null ? 'null' : typeof options}`);
  }
  const own = ownOnly(options);
  const { client } = own;
  if (client !== undefined && client !== null && partsOf(client) === undefined) {
    throw new UsageError(`client: expected a Client of this package, got ${typeof client}`);
  }
  return own;
}

/**
 * Undoes the wrapping of a client. Running calls are recorded to their end. A client that is not wrapped is returned unchanged.
 *
 * @param client - wrapped or not
 * @returns the same client
 * @example
 * ```ts
 * import OpenAI from 'openai';
 * import { unwrap, wrapOpenAI } from 'pandaprobe-ts/wrappers/openai';
 *
 * const client = wrapOpenAI(new OpenAI());
 * unwrap(client);
 * ```
 */
export function unwrap<T extends object>(client: T): T {
  const restore: unknown = Object.getOwnPropertyDescriptor(client, key)?.value;
  if (typeof restore !== 'function') return client;
  Reflect.deleteProperty(client, key);
  restore();
  return client;
}
