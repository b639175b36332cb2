import type { ApiSpan } from '../api/api.js';
import { alignLists } from '../viewer/compare/align-lists.js';
import { childrenOf } from './tree.js';

/** A step of both runs, or of only one. */
export interface StepPair<T> {
  readonly depth: number;
  readonly first: T | undefined;
  readonly second: T | undefined;
}

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

function pairsOf<T extends ApiSpan>(first: readonly T[], second: readonly T[], depth: number): StepPair<T>[] {
  return alignLists(first, second, keyOf).map(([one, other]) => ({ depth, first: one, second: other }));
}

function keyOf({ kind, name }: ApiSpan): string {
  return `${kind} ${name}`;
}
