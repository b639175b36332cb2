import type { ApiSpan } from './api.js';
import { childrenOf } from './tree.js';

/** A step of both runs, or of only one. */
export interface StepPair<T> {
  readonly depth: number;
  readonly first: T | undefined;
  readonly second: T | undefined;
}

/** Larger tables than this, in cells, are not made; steps are then paired with the next equal one. */
const mostCells = 4_000_000;

/**
 * Pairs the steps of two runs from the top of the tree to the bottom: steps with the same name and kind, under paired parents, in
 * an order that fits both runs.
 */
export function alignSteps<T extends ApiSpan>(first: readonly T[], second: readonly T[]): StepPair<T>[] {
  const [below, belowOther] = [childrenOf(first), childrenOf(second)];
  const pairs: StepPair<T>[] = [];
  // A list instead of recursion: a trace may be nested deeper than the stack.
  const todo = pairsOf(below.get(undefined) ?? [], belowOther.get(undefined) ?? [], 0).reverse();
  for (let pair = todo.pop(); pair !== undefined; pair = todo.pop()) {
    pairs.push(pair);
    const own = pair.first === undefined ? [] : (below.get(pair.first.span_id) ?? []);
    const others = pair.second === undefined ? [] : (belowOther.get(pair.second.span_id) ?? []);
    for (const each of pairsOf(own, others, pair.depth + 1).reverse()) todo.push(each);
  }
  return pairs;
}

/** Pairs siblings. Equal steps at both ends, usually most of them, are paired without a table. */
function pairsOf<T extends ApiSpan>(first: readonly T[], second: readonly T[], depth: number): StepPair<T>[] {
  const [keys, others] = [first.map(keyOf), second.map(keyOf)];
  const most = Math.min(first.length, second.length);
  let start = 0;
  while (start < most && keys[start] === others[start]) start += 1;
  let end = 0;
  while (end < most - start && keys.at(-1 - end) === others.at(-1 - end)) end += 1;
  const matches = [
    ...Array.from({ length: start }, (_, at) => [at, at] as const),
    ...commonOf(keys.slice(start, keys.length - end), others.slice(start, others.length - end)).map(
      ([a, b]) => [a + start, b + start] as const,
    ),
    ...Array.from({ length: end }, (_, at) => [keys.length - end + at, others.length - end + at] as const),
    [keys.length, others.length] as const,
  ];
  const pairs: StepPair<T>[] = [];
  let [a, b] = [0, 0];
  for (const [nextA, nextB] of matches) {
    for (; a < nextA; a += 1) pairs.push({ depth, first: first[a], second: undefined });
    for (; b < nextB; b += 1) pairs.push({ depth, first: undefined, second: second[b] });
    if (a < keys.length && b < others.length) pairs.push({ depth, first: first[a], second: second[b] });
    a += 1;
    b += 1;
  }
  return pairs;
}

function keyOf({ kind, name }: ApiSpan): string {
  return `${kind} ${name}`;
}

/** Pairs equal keys of two lists, in the order of both (the longest common subsequence). */
function commonOf(keys: readonly string[], others: readonly string[]): (readonly [number, number])[] {
  if ((keys.length + 1) * (others.length + 1) > mostCells) return nextAlike(keys, others);
  const width = others.length + 1;
  /** At [a, b]: the length of the longest common subsequence of the rests from a and from b. */
  const table = new Uint32Array((keys.length + 1) * width);
  const at = (a: number, b: number) => table[a * width + b] ?? 0;
  for (let a = keys.length - 1; a >= 0; a -= 1) {
    for (let b = others.length - 1; b >= 0; b -= 1) {
      table[a * width + b] = keys[a] === others[b] ? at(a + 1, b + 1) + 1 : Math.max(at(a + 1, b), at(a, b + 1));
    }
  }
  const found: (readonly [number, number])[] = [];
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

/** Pairs each key with the next equal one. It does not always find the most pairs, but takes linear time. */
function nextAlike(keys: readonly string[], others: readonly string[]): (readonly [number, number])[] {
  const places = new Map<string, number[]>();
  for (let at = others.length - 1; at >= 0; at -= 1) {
    const key = others[at] ?? '';
    const known = places.get(key);
    if (known === undefined) places.set(key, [at]);
    else known.push(at);
  }
  const found: (readonly [number, number])[] = [];
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
