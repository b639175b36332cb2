/**
 * Why nothing can be recorded where this code runs; undefined where it can. Bundlers for browsers and edge runtimes get a build
 * that has a sentence here.
 */
export const unsupported: string | undefined = undefined;
