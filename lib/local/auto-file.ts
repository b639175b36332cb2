/**
 * The URL of `pandaprobe-ts/auto`, which records clients and frameworks without code. In the package it is next to the command
 * line's file.
 */
export const autoFile = new URL('./auto.js', import.meta.url).href;
