import { fileURLToPath } from 'node:url';

/**
 * The files of `pandaprobe-ts/auto`, which records clients and frameworks without code: the path of the one for `--require`, and the
 * URL of the one for `--import`. In the package they are beside the command line's file.
 */
export const autoFiles = {
  required: fileURLToPath(new URL('../cjs/auto.cjs', import.meta.url)),
  imported: new URL('./auto.js', import.meta.url).href,
} as const;
