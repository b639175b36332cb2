// Pairs the steps of two traces. Pure.

import { alignLists } from './align-lists.js';

/** @import {SpanNode} from '../trace/span-tree.js' */

/** @typedef {{depth: number, left: SpanNode | undefined, right: SpanNode | undefined}} Pair a step of both, or of only one */

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
    const below = alignLists(pair.left?.children ?? [], pair.right?.children ?? [], keyOf);
    const depth = pair.depth + 1;
    for (const [one, other] of below.reverse()) waiting.push({ depth, left: one, right: other });
  }
  return pairs;
}

/** @param {SpanNode} node */
function keyOf({ kind, name }) {
  return `${kind} ${name}`;
}
