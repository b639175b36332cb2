import { defineMetadata, getOwnMetadata, getOwnMetadataKeys } from 'reflect-metadata/no-conflict';
import { copyProperties } from '../common/copy-properties.js';
import { UsageError } from '../common/errors.js';
import type { AnyFunction } from './call-options.js';
import { markFunction, registerTracedMethod, type TracedMethod } from './traced-methods.js';

/** The context argument of a standard method decorator: the part of `ClassMethodDecoratorContext` that is used here. */
export interface MethodContext {
  readonly kind: 'method';
  readonly name: string | symbol;
  readonly static: boolean;
  readonly private: boolean;
}

/** A method decorator for both dialects that TypeScript has: standard (Stage 3) and `experimentalDecorators`. */
export interface TracingDecorator {
  /** Applied by a compiler of standard decorators. The method keeps its type. */
  <M extends AnyFunction>(method: M, context: MethodContext): M;
  /** Applied by a compiler with `experimentalDecorators`. The method keeps its type. */
  <M extends AnyFunction>(
    target: object,
    method: string | symbol,
    descriptor: TypedPropertyDescriptor<M>,
  ): TypedPropertyDescriptor<M> | undefined;
}

/** Returns the replacement of a method. */
type RecordFunction = <F extends AnyFunction>(fn: F, name: string) => F;

interface Decoration {
  readonly decorator: 'trace' | 'span';
  readonly options: Readonly<Record<string, unknown>>;
  readonly record: RecordFunction;
}

/**
 * Decorates one method. It recognizes the dialect by the arguments that the compiler passes:
 *
 * ```
 *  standard, 2021-12 and later   (method, context)              the new method
 *  experimentalDecorators        (target, name, descriptor)     the new descriptor
 *  2018-09                       (element)                      the new element; Next.js and older Babel set-ups
 * ```
 *
 * @throws UsageError `ERR_USAGE` on anything but a method
 */
export function decorate(args: readonly unknown[], decoration: Decoration): unknown {
  const [first, second, third] = args;
  if (isContext(second)) {
    if (second.kind !== 'method' || !isFunction(first)) throw misuse(decoration, `a ${second.kind}`, second.name);
    const isStatic = second.static ?? second.isStatic ?? false;
    const method = { method: asKey(second.name), isStatic, ...described(decoration) };
    if (isObject(second.metadata)) registerTracedMethod(second.metadata, method);
    return replace(first, method, decoration);
  }
  if (isKey(second) && isObject(first)) {
    return replaceIn(third, asKey(second), typeof first === 'function', decoration);
  }
  if (isElement(first) && first.kind !== 'class') {
    const { kind, key, placement, descriptor } = first;
    const ofMethod = kind === 'method' ? descriptor : undefined;
    return { ...first, descriptor: replaceIn(ofMethod, asKey(key), placement === 'static', decoration) };
  }
  const isClass = typeof first === 'function' || isElement(first);
  throw misuse(decoration, isClass ? 'a class' : typeof first);
}

/** Whether these are the arguments that a compiler passes to a decorator. If not, they are options. */
export function isDecoratorCall(args: readonly unknown[]): boolean {
  return args.length > 1 || typeof args[0] === 'function' || isElement(args[0]);
}

/** Replaces the method in a property descriptor. */
function replaceIn(given: unknown, name: string | symbol, isStatic: boolean, decoration: Decoration): object {
  if (!isObject(given)) throw misuse(decoration, 'a field', name);
  const descriptor = given as PropertyDescriptor; // by the dialects' protocols
  if (!isFunction(descriptor.value)) throw misuse(decoration, 'a getter or setter', name);
  const method = { method: name, isStatic, ...described(decoration) };
  return { ...descriptor, value: replace(descriptor.value, method, decoration) };
}

function replace(fn: AnyFunction, method: TracedMethod, { record }: Decoration): AnyFunction {
  const replacement = record(fn, nameOf(method));
  carryOver(fn, replacement);
  markFunction(replacement, method);
  return replacement;
}

/** Copies name, length, own properties and all metadata, so that routers, guards and other decorators still find theirs. */
export function carryOver(from: AnyFunction, to: AnyFunction): void {
  copyProperties(from, to);
  // The program's functions, if it has them: those of reflect-metadata 0.1 and of other libraries share nothing with ours.
  const read = Reflect.getOwnMetadata ?? getOwnMetadata;
  const define = Reflect.defineMetadata ?? defineMetadata;
  for (const metadataKey of (Reflect.getOwnMetadataKeys ?? getOwnMetadataKeys)(from)) {
    define(metadataKey, read(metadataKey, from), to);
  }
}

function nameOf({ method }: TracedMethod): string {
  return typeof method === 'symbol' ? (method.description ?? 'symbol') : method;
}

function described({ decorator, options }: Decoration): Pick<TracedMethod, 'decorator' | 'options'> {
  return { decorator, options };
}

function misuse({ decorator }: Decoration, what: string, name?: string | symbol | number): UsageError {
  const where = name === undefined ? what : `${what} (${String(name)})`;
  return new UsageError(
    `@${decorator}: expected a method to decorate, got ${where}; put it on a method, or use ${decorator}Function()`,
  );
}

interface Context {
  readonly kind: string;
  readonly name: string | symbol | number;
  readonly static?: boolean;
  /** The name of `static` in the 2021-12 proposal. */
  readonly isStatic?: boolean;
  readonly metadata?: unknown;
}

/** The descriptor that a decorator of the 2018-09 proposal gets for a class or a member. */
type Element =
  | { readonly kind: 'class' }
  | {
      readonly kind: 'method' | 'field';
      readonly key: string | symbol | number;
      readonly placement: 'static' | 'prototype' | 'own';
      readonly descriptor: unknown;
    };

/**
 * Whether it is such a descriptor; options may have a `kind`, too. Source: Babel's helper `decorate`, which sets this
 * `Symbol.toStringTag`.
 */
function isElement(value: unknown): value is Element {
  return isObject(value) && Object.prototype.toString.call(value) === '[object Descriptor]';
}

function isContext(value: unknown): value is Context {
  return isObject(value) && 'kind' in value && typeof value.kind === 'string' && 'name' in value;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === 'function';
}

/** Compilers pass the number of a method such as `42() {}` as a number. */
function isKey(value: unknown): value is string | symbol | number {
  return typeof value === 'string' || typeof value === 'symbol' || typeof value === 'number';
}

function asKey(name: string | symbol | number): string | symbol {
  return typeof name === 'number' ? String(name) : name;
}
