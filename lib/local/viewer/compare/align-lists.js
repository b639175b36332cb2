// Pairs the items of two lists that have equal keys. Pure, because the command line uses it, too.

/** Larger tables than this, in cells, are not made; keys are then paired with the next equal one. */
const mostCells = 4_000_000;

/**
 * The items of both lists, in the order of both: in pairs if their keys are equal, else alone.
 *
 * @template T
 * @param {readonly T[]} left
 * @param {readonly T[]} right
 * @param {(item: T) => string} keyOf
 * @returns {[T | undefined, T | undefined][]}
 */
export function alignLists(left, right, keyOf) {
  /** @type {[T | undefined, T | undefined][]} */
  const found = [];
  let [a, b] = [0, 0];
  for (const [nextA, nextB] of pairsOf(left.map(keyOf), right.map(keyOf))) {
    for (; a < nextA; a += 1) found.push([left[a], undefined]);
    for (; b < nextB; b += 1) found.push([undefined, right[b]]);
    found.push([left[a], right[b]]);
    a += 1;
    b += 1;
  }
  for (; a < left.length; a += 1) found.push([left[a], undefined]);
  for (; b < right.length; b += 1) found.push([undefined, right[b]]);
  return found;
}

/**
 * The indices of equal keys. Those at both ends, usually most of them, are paired without a table.
 *
 * @param {readonly string[]} keys
 * @param {readonly string[]} others
 * @returns {[number, number][]}
 */
function pairsOf(keys, others) {
  const most = Math.min(keys.length, others.length);
  let start = 0;
  while (start < most && keys[start] === others[start]) start += 1;
  let end = 0;
  while (end < most - start && keys.at(-1 - end) === others.at(-1 - end)) end += 1;
  /** @type {[number, number][]} */
  const pairs = [];
  for (let at = 0; at < start; at += 1) pairs.push([at, at]);
  const between = commonOf(keys.slice(start, keys.length - end), others.slice(start, others.length - end));
  for (const [a, b] of between) pairs.push([a + start, b + start]);
  for (let left = end; left > 0; left -= 1) pairs.push([keys.length - left, others.length - left]);
  return pairs;
}

/**
 * The longest common subsequence of two lists, as pairs of indices.
 *
 * @param {readonly string[]} keys
 * @param {readonly string[]} others
 * @returns {[number, number][]}
 */
function commonOf(keys, others) {
  if ((keys.length + 1) * (others.length + 1) > mostCells) return nextAlike(keys, others);
  const width = others.length + 1;
  /** At [a, b]: the length of the longest common subsequence of the rests from a and from b. */
  const table = new Uint32Array((keys.length + 1) * width);
  const at = (/** @type {number} */ a, /** @type {number} */ b) => table[a * width + b] ?? 0;
  for (let a = keys.length - 1; a >= 0; a -= 1) {
    for (let b = others.length - 1; b >= 0; b -= 1) {
      table[a * width + b] = keys[a] === others[b] ? at(a + 1, b + 1) + 1 : Math.max(at(a + 1, b), at(a, b + 1));
    }
  }
  /** @type {[number, number][]} */
  const found = [];
  for (let [a, b] = [0, 0]; a < keys.length && b < others.length; ) {
    if (keys[a] === others[b]) {
      found.push([a, b]);
      a += 1;
      b += 1;
    } else if (at(a + 1, b) >= at(a, b + 1)) a += 1;
    else b += 1;
  }
  return found;
}

/**
 * Pairs each key with the next equal one. It does not always find the most pairs, but takes linear time.
 *
 * @param {readonly string[]} keys
 * @param {readonly string[]} others
 * @returns {[number, number][]}
 */
function nextAlike(keys, others) {
  /** The indices of each key, the first one last. @type {Map<string, number[]>} */
  const places = new Map();
  for (let at = others.length - 1; at >= 0; at -= 1) {
    const key = others[at] ?? '';
    const known = places.get(key);
    if (known === undefined) places.set(key, [at]);
    else known.push(at);
  }
  /** @type {[number, number][]} */
  const found = [];
  let from = 0;
  for (const [a, key] of keys.entries()) {
    const left = places.get(key) ?? [];
    while ((left.at(-1) ?? from) < from) left.pop();
    const b = left.pop();
    if (b === undefined) continue;
    found.push([a, b]);
    from = b + 1;
  }
  return found;
}
