import { checkedContext, contextIn } from '../engine/integration/trace-context.js';
import type { RemoteContext } from '../engine/remote-origin.js';
import { baggageIn } from './baggage.js';

/**
 * Anything that can carry a context: `Headers`, Node's or a framework's header object, a `Map`, a list of pairs or of names and
 * values, environment variables, a job's data, the result of `inject()` or `extract()`, or the text of a `traceparent` alone.
 */
export type Carrier = object | string;

/**
 * Reads the context that another process has sent with a request, a message or a job. Invalid headers are ignored. Never throws.
 *
 * @param carrier - the request's headers, or the value that has the result of `inject()`
 * @returns the context, a plain object; undefined if there is none
 * @example
 * ```ts
 * import { extract } from 'pandaprobe-ts/propagation';
 *
 * const context = extract({ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
 * console.log(context?.traceId); // 0af76519-16cd-43dd-8448-eb211c80319c
 * ```
 */
export function extract(carrier: Carrier | null | undefined): RemoteContext | undefined {
  try {
    if (typeof carrier === 'string') return contextIn(carrier, undefined);
    if (typeof carrier !== 'object' || carrier === null) return undefined;
    const traceparent = valuesOf(carrier, 'traceparent');
    // More than one is invalid. Source: W3C Trace Context, *Processing model*.
    const one = traceparent.length > 1 ? traceparent : traceparent[0];
    const context = contextIn(one, joined(carrier, 'tracestate'));
    if (context !== undefined) return { ...context, ...baggageIn(joined(carrier, 'baggage')) };
    if (!Object.hasOwn(carrier, 'traceId')) return undefined;
    return checkedContext(carrier as Readonly<Record<string, unknown>>); // a result of this function
  } catch {
    return undefined; // a getter or proxy of somebody else's
  }
}

function joined(carrier: object, name: string): string | undefined {
  const values = valuesOf(carrier, name);
  return values.length === 0 ? undefined : values.join(',');
}

/** The values of a header. Upper and lower case do not matter, because some transports change it. */
function valuesOf(carrier: object, name: string): readonly string[] {
  if (Array.isArray(carrier))
    return pairsOf(carrier).flatMap(([key, value]) => (isNamed(key, name) ? texts(value) : []));
  const { get } = carrier as { readonly get?: unknown };
  if (typeof get === 'function') {
    const found: unknown = Reflect.apply(get, carrier, [name]);
    if (found !== undefined && found !== null) return texts(found);
    if (!(carrier instanceof Map)) return [];
    return [...carrier].flatMap(([key, value]) => (isNamed(key, name) ? texts(value) : []));
  }
  const key = Object.hasOwn(carrier, name) ? name : Object.keys(carrier).find((own) => isNamed(own, name));
  return key === undefined ? [] : texts(Reflect.get(carrier, key));
}

/** The pairs of a list: `[[name, value], …]`, or `[name, value, …]` as in Node's `rawHeaders`. */
function pairsOf(list: readonly unknown[]): readonly (readonly [unknown, unknown])[] {
  if (list.every((each) => Array.isArray(each))) return list.map((each) => [each[0], each[1]] as const);
  return list.flatMap((each, at) => (at % 2 === 0 ? [[each, list[at + 1]] as const] : []));
}

function isNamed(key: unknown, name: string): boolean {
  return typeof key === 'string' && key.toLowerCase() === name;
}

/** The texts in a header's value, which may be bytes if it comes from a broker. */
function texts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof Uint8Array) return [new TextDecoder().decode(value)];
  return Array.isArray(value) ? value.flatMap(texts) : [];
}
