/**
 * How certain it is that an item is the cause of its own faults, and not a line or backend on which many requests fail.
 *
 * Between two faults of an item, `passed` requests of others were answered and `failed` ones were not. If the item were like the
 * others, a fault of its own would be as likely as one of theirs, `p = (failed + 1) / (passed + failed + 2)` (Laplace). The
 * likelihood of all its faults is the product of these; {@link enoughSuspicion} is minus the logarithm of one in a thousand million,
 * which a queue of 10,000 items does not meet by chance.
 */

/** Doubt with which an item is given up. With others that never fail: 7 faults in a row, or 20 where little else is sent. */
export const enoughSuspicion = -Math.log(1e-9);

/** No line is taken for better than this: what fails comes in bursts. */
const leastShare = 0.05;

/** What one more fault adds to the doubt; nothing while nothing else gets through, which says that all is down. */
export function suspicionOf(passed: number, failed: number): number {
  if (passed === 0) return 0;
  return -Math.log(Math.max(leastShare, (failed + 1) / (passed + failed + 2)));
}
