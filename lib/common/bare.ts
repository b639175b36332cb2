/**
 * The key under which a function that `auto` has wrapped holds the original. So a function that is also wrapped by hand is recorded
 * once, with the options given there.
 */
export const bareKey = Symbol.for('pandaprobe.bare.v1');
