/**
 * Why nothing can be recorded on this platform; undefined if it can. In the build for browsers this is a sentence.
 */
export const unsupported: string | undefined = undefined;
