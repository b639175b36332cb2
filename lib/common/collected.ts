let registry: FinalizationRegistry<() => void> | undefined;

/**
 * Runs functions when objects are garbage-collected; undefined where the platform does not tell. Made by the first call, because
 * workflows of Temporal may load this file, but may not make a registry.
 */
export const collected = (): typeof registry =>
  (registry ??= globalThis.FinalizationRegistry && new FinalizationRegistry((run) => run()));
