import { fileURLToPath } from 'node:url';

/**
 * The CommonJS file of `pandaprobe-ts/auto`, which records clients and frameworks without code. In the package it is beside the
 * folder of the command line's file.
 */
export const autoFile = fileURLToPath(new URL('../cjs/auto.cjs', import.meta.url));
