/**
 * The key under which a function that `auto` has wrapped holds the original. If it is wrapped by hand, too, the original is
 * wrapped, so that each call is recorded once, with the options given by hand.
 */
export const bareKey = Symbol.for('pandaprobe.bare.v1');
