/** Attributes by name. The object has no prototype, because a sender may use any name. */
export type Attributes = Readonly<Record<string, unknown>>;

/** Deepest nesting of a value that is read. Deeper values only come from attackers. */
const maxDepth = 100;

/**
 * The plain value of an attribute, which may be anything. Integers that a number cannot hold stay text.
 *
 * @throws RangeError when it is nested too deeply
 */
function plainValue(value: unknown, depth = 0): unknown {
  if (depth > maxDepth) throw new RangeError('a value is nested too deeply');
  if (!isObject(value)) return null;
  if (typeof value.stringValue === 'string') return value.stringValue;
  if (typeof value.boolValue === 'boolean') return value.boolValue;
  if (value.intValue !== undefined) return plainInteger(value.intValue);
  if (typeof value.doubleValue === 'number' || typeof value.doubleValue === 'string') return Number(value.doubleValue);
  if (isObject(value.arrayValue)) return listOf(value.arrayValue.values).map((each) => plainValue(each, depth + 1));
  if (isObject(value.kvlistValue)) return attributesOf(value.kvlistValue.values, depth + 1);
  return typeof value.bytesValue === 'string' ? value.bytesValue : null;
}

function plainInteger(value: unknown): unknown {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** Reads attributes by name. If a name occurs twice, the last one counts. */
export function attributesOf(list: unknown, depth = 0): Attributes {
  const attributes: Record<string, unknown> = Object.create(null);
  for (const each of listOf(list)) {
    if (isObject(each) && typeof each.key === 'string') attributes[each.key] = plainValue(each.value, depth);
  }
  return attributes;
}

/**
 * Reads a list, which may be missing.
 *
 * @throws TypeError when it is something else
 */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw new TypeError('a list was expected');
}

/** Whether a value has fields. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
