import type { SpanNode } from './span-node.js';

/**
 * One entry in the history of a flow of control: control has come past the start of a span. Each flow has a chain of them,
 * newest first; flows that start from the same frame share what they have in common.
 *
 *     using a ──> A                  A ◄─ B ◄─ C      history of the flow that runs a, b and c
 *       withSpan(b) returns ──> B    A ◄─ D           of a sibling that was started when only a was there
 *       using c ──> C
 *
 * "Is this span in that history?" is answered in logarithmic time: each mark points to the previous one and to one further back.
 * Source: Myers, An applicative random-access stack, 1983.
 *
 * A mark is dead when no parent depends on its span any more: it releases the span, and is skipped and cut out of its chains. So a
 * process that opens handles for ever needs no more memory.
 *
 * Invariants: `depth` falls along a chain, and never changes; `rank` is the place of a mark in its chain when dead marks are not
 * counted, and only decides where the jumps lead; a live mark stays in every chain that it was put into.
 */
export class Mark {
  /** The span; undefined once no parent depends on it any more. */
  span: SpanNode | undefined;
  previous: Mark | undefined;
  /** Another mark of the same span, in another flow. */
  readonly other: Mark | undefined;
  readonly depth: number;
  jump: Mark | undefined = undefined;
  rank = 1;
  /** When a later mark reaches this rank, dead marks are cut out of its chain. */
  limit: number;

  constructor(span: SpanNode, previous: Mark | undefined) {
    this.span = span;
    this.previous = previous;
    this.other = span.mark;
    this.depth = (previous?.depth ?? 0) + 1;
    this.limit = previous?.limit ?? leastLimit;
    setJump(this, previous);
  }
}

/** A chain shorter than this is never cleared as a whole. */
const leastLimit = 32;

/** The history of a flow in which control has come past the start of `span`. */
export function withMark(span: SpanNode, history: Mark | undefined): Mark {
  const previous = live(history);
  if (previous !== undefined && span.mark !== undefined && hasSeen(previous, span)) return previous;
  const mark = new Mark(span, previous);
  span.mark = mark;
  if (mark.rank > mark.limit) clear(mark);
  return mark;
}

/** Whether control has come past the start of `span` in this history. */
export function hasSeen(history: Mark | undefined, span: SpanNode): boolean {
  for (let mark = span.mark; mark !== undefined; mark = mark.other) if (isBehind(mark, history)) return true;
  return false;
}

/** The newest mark of a history that is not dead. */
export function live(history: Mark | undefined): Mark | undefined {
  let first = history;
  while (first !== undefined && first.span === undefined) first = first.previous;
  // From now on, the dead marks that were skipped lead directly to it.
  for (let at = history; at !== undefined && at !== first; ) {
    const next: Mark | undefined = at.previous;
    at.previous = first;
    at = next;
  }
  return first;
}

/**
 * Like {@link live}, but also skips marks of traces that have ended, so that a handle that is never ended does not stay in a
 * history for ever.
 */
export function liveInOpenTraces(history: Mark | undefined): Mark | undefined {
  let at = live(history);
  while (at?.span?.trace.ended === true) at = live(at.previous);
  return at;
}

/** Releases `span` from its marks, because no parent depends on it any more. */
export function forget(span: SpanNode): void {
  for (let mark = span.mark; mark !== undefined; mark = mark.other) mark.span = undefined;
  span.mark = undefined;
}

function isBehind(mark: Mark, history: Mark | undefined): boolean {
  let at = history;
  while (at !== undefined && at.depth > mark.depth) {
    const { jump }: Mark = at;
    at = jump !== undefined && jump.depth >= mark.depth ? jump : at.previous;
  }
  return at === mark;
}

/** Sets the rank and the jump pointer of a new mark. */
function setJump(mark: Mark, previous: Mark | undefined): void {
  if (previous === undefined) return;
  mark.rank = previous.rank + 1;
  const far = previous.jump;
  const farRank = far?.rank ?? 0;
  // Two jumps of equal length are followed by one over both.
  const areEqual = far !== undefined && previous.rank - farRank === farRank - (far.jump?.rank ?? 0);
  mark.jump = areEqual ? far.jump : previous;
}

/** Cuts dead marks out of the whole chain; again when the chain has doubled. */
function clear(newest: Mark): void {
  const chain: Mark[] = [];
  for (let at = live(newest); at !== undefined; at = live(at.previous)) chain.push(at);
  let previous: Mark | undefined;
  for (let at = chain.pop(); at !== undefined; at = chain.pop()) {
    at.previous = previous;
    at.rank = 1;
    at.jump = undefined;
    setJump(at, previous);
    at.limit = 2 * at.rank + leastLimit;
    previous = at;
  }
}
