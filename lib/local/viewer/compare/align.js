// Pairs the steps of two traces. Pure.

/** @import {SpanNode} from '../trace/span-tree.js' */

/** @typedef {{depth: number, left: SpanNode | undefined, right: SpanNode | undefined}} Pair a step of both, or of only one */

/** Lists longer than this are aligned step by step and not as a whole, which takes the product of their lengths. */
const mostAligned = 600;

/**
 * Pairs steps with the same name and kind under paired parents, in an order that fits both traces.
 *
 * @param {SpanNode} left
 * @param {SpanNode} right
 * @returns {Pair[]}
 */
export function alignTrees(left, right) {
  /** @type {Pair[]} */
  const pairs = [];
  /** @type {Pair[]} */
  const waiting = [{ depth: 0, left, right }];
  for (let pair = waiting.pop(); pair !== undefined; pair = waiting.pop()) {
    pairs.push(pair);
    const below = alignLists(pair.left?.children ?? [], pair.right?.children ?? []);
    const depth = pair.depth + 1;
    for (const [one, other] of below.reverse()) waiting.push({ depth, left: one, right: other });
  }
  return pairs;
}

/**
 * @param {readonly SpanNode[]} left
 * @param {readonly SpanNode[]} right
 * @returns {[SpanNode | undefined, SpanNode | undefined][]}
 */
function alignLists(left, right) {
  const same = (/** @type {number} */ a, /** @type {number} */ b) =>
    left[a]?.name === right[b]?.name && left[a]?.kind === right[b]?.kind;
  const isLong = left.length > mostAligned || right.length > mostAligned;
  const lengths = isLong ? undefined : commonLengths(left.length, right.length, same);
  /** @type {[SpanNode | undefined, SpanNode | undefined][]} */
  const found = [];
  let [a, b] = [0, 0];
  while (a < left.length || b < right.length) {
    const isBoth = a < left.length && b < right.length;
    if (isBoth && same(a, b)) {
      found.push([left[a], right[b]]);
      a += 1;
      b += 1;
    } else if (b >= right.length || (isBoth && (lengths?.(a + 1, b) ?? 0) >= (lengths?.(a, b + 1) ?? 0))) {
      found.push([left[a], undefined]);
      a += 1;
    } else {
      found.push([undefined, right[b]]);
      b += 1;
    }
  }
  return found;
}

/**
 * The lengths of the longest common subsequences of the rests of two lists.
 *
 * @param {number} rows
 * @param {number} columns
 * @param {(a: number, b: number) => boolean} same
 */
function commonLengths(rows, columns, same) {
  const width = columns + 1;
  const table = new Uint16Array((rows + 1) * width);
  const at = (/** @type {number} */ a, /** @type {number} */ b) => table[a * width + b] ?? 0;
  for (let a = rows - 1; a >= 0; a -= 1) {
    for (let b = columns - 1; b >= 0; b -= 1) {
      table[a * width + b] = same(a, b) ? at(a + 1, b + 1) + 1 : Math.max(at(a + 1, b), at(a, b + 1));
    }
  }
  return at;
}
