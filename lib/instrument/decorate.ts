import { defineMetadata, getOwnMetadata, getOwnMetadataKeys } from 'reflect-metadata/no-conflict';
import { UsageError } from '../common/errors.js';
import type { AnyFunction } from './recorded-call.js';
import { noteOnFunction, noteTracedMethod, type TracedMethod } from './traced-methods.js';

/** What the standard dialect tells of a method: the part of `ClassMethodDecoratorContext` that is needed here. */
export interface MethodContext {
  readonly kind: 'method';
  readonly name: string | symbol;
  readonly static: boolean;
  readonly private: boolean;
}

/** A decorator for methods in both dialects: standard (Stage 3) and `experimentalDecorators`. */
export interface MethodDecorator {
  <M extends AnyFunction>(method: M, context: MethodContext): M;
  <M extends AnyFunction>(
    target: object,
    method: string | symbol,
    descriptor: TypedPropertyDescriptor<M>,
  ): TypedPropertyDescriptor<M> | undefined;
}

/** Makes the replacement of a method. */
export type Recording = <F extends AnyFunction>(fn: F, name: string) => F;

interface Decoration {
  readonly decorator: 'trace' | 'span';
  readonly options: Readonly<Record<string, unknown>>;
  readonly record: Recording;
}

/**
 * Decorates one method, in whichever dialect the compiler speaks: the standard one calls with
 * `(method, context)`, the older one with `(target, name, descriptor)`.
 *
 * @throws UsageError `ERR_USAGE` on anything but a method
 */
export function decorate(args: readonly unknown[], decoration: Decoration): unknown {
  const [first, second, third] = args;
  if (isContext(second)) {
    if (second.kind !== 'method' || !isFunction(first)) throw misuse(decoration, `a ${second.kind}`, second.name);
    const method = { method: second.name, isStatic: second.static, ...described(decoration) };
    if (isObject(second.metadata)) noteTracedMethod(second.metadata, method);
    return replace(first, method, decoration);
  }
  if (isKey(second) && isObject(first)) {
    if (!isObject(third)) throw misuse(decoration, 'a field', second);
    const descriptor = third as PropertyDescriptor; // by the older dialect's protocol
    if (!isFunction(descriptor.value)) throw misuse(decoration, 'a getter or setter', second);
    const method = { method: second, isStatic: typeof first === 'function', ...described(decoration) };
    return { ...descriptor, value: replace(descriptor.value, method, decoration) };
  }
  throw misuse(decoration, typeof first === 'function' ? 'a class' : typeof first, undefined);
}

/** Whether these are the arguments a compiler passes, and not options. */
export function isDecoratorCall(args: readonly unknown[]): boolean {
  return args.length > 1 || typeof args[0] === 'function';
}

function replace(fn: AnyFunction, method: TracedMethod, { record }: Decoration): AnyFunction {
  const replacement = record(fn, nameOf(method));
  carryOver(fn, replacement);
  noteOnFunction(replacement, method);
  return replacement;
}

/** Name, length, own properties and all metadata, so that routers, guards and other decorators find what they left. */
export function carryOver(from: AnyFunction, to: AnyFunction): void {
  for (const property of Reflect.ownKeys(from)) {
    const descriptor = Object.getOwnPropertyDescriptor(from, property);
    const isOwn = property !== 'prototype' && property !== 'arguments' && property !== 'caller';
    if (descriptor !== undefined && isOwn) Object.defineProperty(to, property, descriptor);
  }
  for (const metadataKey of getOwnMetadataKeys(from)) {
    defineMetadata(metadataKey, getOwnMetadata(metadataKey, from), to);
  }
}

function nameOf({ method }: TracedMethod): string {
  return typeof method === 'symbol' ? (method.description ?? 'symbol') : method;
}

function described({ decorator, options }: Decoration): Pick<TracedMethod, 'decorator' | 'options'> {
  return { decorator, options };
}

function misuse({ decorator }: Decoration, what: string, name: string | symbol | undefined): UsageError {
  const where = name === undefined ? what : `${what} (${String(name)})`;
  const instead = what === 'a class' ? 'decorate its methods' : `put it on a method, or use ${decorator}Function()`;
  return new UsageError(`@${decorator}: expected a method to decorate, got ${where}; ${instead}`);
}

interface Context {
  readonly kind: string;
  readonly name: string | symbol;
  readonly static: boolean;
  readonly metadata?: unknown;
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

function isKey(value: unknown): value is string | symbol {
  return typeof value === 'string' || typeof value === 'symbol';
}
