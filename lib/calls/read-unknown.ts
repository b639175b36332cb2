/*
 * Readers of values whose type is unknown: answers of providers, arguments of callers. A missing field, or one of another type, never
 * throws. A getter may throw: the caller catches that.
 */

/** An object's fields, each unknown. */
export type Fields = Readonly<Record<string, unknown>>;

const none: Fields = {};

/** The fields of an object; no fields for anything else. */
export function fields(value: unknown): Fields {
  return isFields(value) ? value : none;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether these are headers: those of `fetch`, or of a library that an older client uses instead. */
export function isHeaders(value: unknown): value is { get(name: string): unknown } {
  return typeof value === 'object' && value !== null && 'get' in value && typeof value.get === 'function';
}

/** The items of an array; none for anything else. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Choices or candidates, sorted by their `index`. */
export function byIndex(choices: readonly unknown[]): readonly unknown[] {
  if (choices.length < 2) return choices;
  const index = (choice: unknown) => Number(fields(choice).index ?? 0);
  return choices.toSorted((a, b) => index(a) - index(b));
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The value if it is a string and not empty. */
export function nonEmptyString(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** A finite number, or the decimal text of one: some servers write numbers as strings. */
export function amount(value: unknown): number | undefined {
  const read = typeof value === 'string' && /^\s*-?\d/.test(value) ? Number(value) : value;
  return typeof read === 'number' && Number.isFinite(read) ? read : undefined;
}

/** A copy without fields that are null or undefined; undefined if no field is left. */
export function omitNullish(source: Fields): Fields | undefined {
  let result: Record<string, unknown> | undefined;
  for (const name of Object.keys(source)) {
    const value = source[name];
    if (value === undefined || value === null) continue;
    result ??= {};
    set(result, name, value);
  }
  return result;
}

/** Adds the fields that are neither null nor undefined to `target`, a new object of the caller's. @returns `target` */
export function withGiven<T extends object>(target: T, source: Fields): T {
  for (const name of Object.keys(source)) {
    const value = source[name];
    if (value !== undefined && value !== null) set(target as Record<string, unknown>, name, value);
  }
  return target;
}

/**
 * The source itself if no field is null, else a copy without fields that are null or undefined; undefined if no field is given. For
 * values to record: capturing leaves out undefined fields.
 */
export function withoutNulls(source: Fields): Fields | undefined {
  let isGiven = false;
  for (const name of Object.keys(source)) {
    const value = source[name];
    if (value === null) return omitNullish(source);
    isGiven ||= value !== undefined;
  }
  return isGiven ? source : undefined;
}

/** Sets a field, also one with the name `__proto__`. */
export function set(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') target[name] = value;
  else Object.defineProperty(target, name, { value, configurable: true, enumerable: true, writable: true });
}

/** Returns a string unchanged and any other value as JSON text; `''` if the value has no JSON. */
export function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}

/** Parses JSON text. Returns anything else unchanged. */
export function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
