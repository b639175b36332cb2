let registry: FinalizationRegistry<() => void> | undefined;

/**
 * A registry that runs functions when objects are garbage-collected; undefined on platforms without `FinalizationRegistry`. It is made
 * by the first call: a Temporal workflow may load this file, but may not make a registry.
 */
export const collected = (): typeof registry =>
  (registry ??= globalThis.FinalizationRegistry && new FinalizationRegistry((run) => run()));
