/**
 * How likely it is that an item is the cause of its faults, and not a connection or backend on which many requests fail.
 *
 * Between two faults of an item, `passed` requests of others were answered and `failed` ones were not. If the item were like the
 * others, its fault would have the probability `p = (failed + 1) / (passed + failed + 2)` (Laplace). The probability of all its
 * faults is the product of these. {@link enoughSuspicion} is minus the logarithm of one in a thousand million, which does not
 * happen by chance in a queue of 10,000 items.
 */

/**
 * Suspicion at which an item is given up: at the 8th fault in a row if others always get through, at the 20th if only one other
 * request was made between two faults. The first fault adds none.
 */
export const enoughSuspicion = -Math.log(1e-9);

/** Least probability of a fault, because faults come in bursts. */
const leastShare = 0.05;

/** What one more fault adds to the suspicion: nothing while no other request is answered, because then everything is down. */
export function suspicionOf(passed: number, failed: number): number {
  if (passed === 0) return 0;
  return -Math.log(Math.max(leastShare, (failed + 1) / (passed + failed + 2)));
}
