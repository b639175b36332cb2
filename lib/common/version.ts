/**
 * This package's version.
 *
 * @example
 * ```ts
 * console.log(`traced by pandaprobe-ts ${VERSION}`);
 * ```
 */
export const VERSION = '0.1.0';
