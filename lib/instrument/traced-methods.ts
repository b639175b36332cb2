import { defineMetadata, getOwnMetadata } from 'reflect-metadata/no-conflict';

/** One traced method, as `getTracedMethods()` returns it. */
export interface TracedMethod {
  /** Its name; for a `#private` method with the hash. */
  readonly method: string | symbol;
  readonly isStatic: boolean;
  /** Which decorator it has. */
  readonly decorator: 'trace' | 'span';
  /** The options of the decorator. */
  readonly options: Readonly<Record<string, unknown>>;
}

const key = Symbol.for('pandaprobe.traced-methods');
/** The key of a class's metadata in standard decorators, if `Symbol.metadata` is defined. */
const metadataSymbol = (): symbol => (Symbol as { metadata?: symbol }).metadata ?? Symbol.for('Symbol.metadata');

type Holder = { [key]?: readonly TracedMethod[] };

/** Registers a traced method on an object of its class: the metadata object, or the method's replacement. */
export function registerTracedMethod(holder: object, method: TracedMethod): void {
  const own = Object.hasOwn(holder, key) ? ((holder as Holder)[key] ?? []) : [];
  Object.defineProperty(holder, key, { configurable: true, value: [...own, method] });
}

/** Stores the decorator's options on the replacement function, where `Reflect.getMetadata` finds them, too. */
export function markFunction(fn: object, method: TracedMethod): void {
  defineMetadata(key, method, fn);
}

/**
 * The decorated methods of `Class` and the classes it extends, each with the options of its decorator.
 *
 * A `#private` method is listed only if the platform has `Symbol.metadata`.
 *
 * @param Class - the class itself, not an instance
 * @returns one entry for each method, those of `Class` first; empty if none is decorated
 * @example
 * ```ts
 * class SupportAgent {
 *   @trace run() {}
 *   @span({ kind: 'RETRIEVER' }) retrieve() {}
 * }
 * getTracedMethods(SupportAgent).map((traced) => traced.method); // ['run', 'retrieve']
 * ```
 */
export function getTracedMethods(Class: abstract new (...args: never[]) => unknown): readonly TracedMethod[] {
  const found = new Map<string, TracedMethod>();
  const add = (method: TracedMethod) => {
    const name = `${method.isStatic} ${String(method.method)}`;
    if (!found.has(name)) found.set(name, method);
  };
  for (let at: unknown = Class; typeof at === 'function'; at = Object.getPrototypeOf(at)) {
    for (const method of methodsIn(at.prototype)) add(method);
    for (const method of methodsIn(at)) add({ ...method, isStatic: true });
    const metadata = (at as unknown as Record<symbol, unknown>)[metadataSymbol()]; // any object may have any symbol
    if (typeof metadata === 'object' && metadata !== null)
      for (const method of (metadata as Holder)[key] ?? []) add(method);
  }
  return [...found.values()];
}

function methodsIn(holder: unknown): TracedMethod[] {
  if (holder !== Object(holder)) return []; // a primitive
  const owner = holder as object;
  return Reflect.ownKeys(owner).flatMap((name) => {
    const value: unknown = Object.getOwnPropertyDescriptor(owner, name)?.value;
    if (typeof value !== 'function') return [];
    return (getOwnMetadata(key, value) as TracedMethod | undefined) ?? [];
  });
}
