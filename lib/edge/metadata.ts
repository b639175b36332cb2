/** The part of reflect-metadata that this package uses, as it is on `Reflect` if the program has loaded it. */
interface Loaded {
  defineMetadata?(key: unknown, value: unknown, target: object): void;
  getOwnMetadata?(key: unknown, target: object): unknown;
  getOwnMetadataKeys?(target: object): unknown[];
}

const loaded: Loaded = Reflect;
const kept = new WeakMap<object, Map<unknown, unknown>>();

/*
 * Replaces reflect-metadata, which would be a tenth of this build. If the program has loaded its own copy, that one is read and
 * written. If not, only this package has metadata.
 */

export function defineMetadata(key: unknown, value: unknown, target: object): void {
  if (loaded.defineMetadata !== undefined) {
    loaded.defineMetadata(key, value, target);
    return;
  }
  const values = kept.get(target) ?? new Map<unknown, unknown>();
  kept.set(target, values.set(key, value));
}

export function getOwnMetadata(key: unknown, target: object): unknown {
  const values = kept.get(target);
  return values?.has(key) ? values.get(key) : loaded.getOwnMetadata?.(key, target);
}

export function getOwnMetadataKeys(target: object): unknown[] {
  return [...new Set([...(kept.get(target)?.keys() ?? []), ...(loaded.getOwnMetadataKeys?.(target) ?? [])])];
}
