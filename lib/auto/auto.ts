import { install } from './install.js';

/*
 * `node --import pandaprobe-ts/auto app.js`: every known client and framework that the program loads is recorded, without code.
 *
 *   a file is loaded ──> Matching: is it one of a known package, in a known version? ──> rewrite: one line at its end
 *   the line runs    ──> Taker: the replacement of the class or function ──> at its first use: our wrapper is loaded
 *
 * Invariants: importing this file is the act, and nothing of ours beside it is loaded before a known package is used; if
 * something here fails, the file, the class or the call stays unchanged; without settings, nothing is wrapped.
 */

await install(() => import('./probe.js'));
