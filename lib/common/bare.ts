/**
 * By this key, what attaching without code has put in the place of a function gives the function itself: one that is wrapped by
 * hand as well is recorded once, with the options given there.
 */
export const bareKey = Symbol.for('pandaprobe.bare.v1');
