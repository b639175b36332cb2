import { quote } from './capture-text.js';
import { NameCache } from './name-cache.js';

const firstKeys = new NameCache<string>();
const laterKeys = new NameCache<string>();

/** The {@link keyText} of a key that is remembered, so that it needs no guard. */
export function knownKey(key: string, isFirst: boolean): string | undefined {
  return (isFirst ? firstKeys : laterKeys).get(key);
}

/**
 * `"key":` for the first key of an object, `,"key":` for a later one. Only for keys without a guard (`secrets.ts`), because a bounded
 * number of short keys is remembered, and no guard is looked up for these.
 */
export function keyText(key: string, isFirst: boolean): string {
  const keys = isFirst ? firstKeys : laterKeys;
  return keys.get(key) ?? keys.set(key, isFirst ? `${quote(key)}:` : `,${quote(key)}:`);
}
