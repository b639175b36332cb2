import type { Frame } from './frame.js';
import { forget, hasSeen, live, type Mark } from './history.js';
import type { SpanNode } from './span-node.js';

/*
 * Decides the parent of spans that were opened under a handle.
 *
 * A body (withSpan, a decorated method) is current exactly while it runs, so what opens in it is its child
 * for certain. A handle (`using s = t.span()`) stays current in the flow of control that opened it, and an
 * async function that opens one before its first await leaves it current in its caller, too:
 *
 *     Promise.all([f1(), f2()])      f1 opens h1 and awaits; its caller now runs with h1 current;
 *                                    f2 opens h2: linked to h1 for now, though it is a sibling.
 *
 * So a link to a handle is a guess until the handle closes. Only two kinds of links can be wrong: that of a span opened in the same
 * segment as the handle (nothing was awaited in between, so it may be the caller's), and that of a span that is still open. They are
 * looked up in the history of the flow that closes the handle. If the span is found, control came back past it, so it was nested. If
 * not, it moves to the handle's own parent, and is looked up again when that one closes.
 *
 * Many handles may be open at once, each linked to the one before. So spans are moved together: the guesses under one handle share an
 * object with its owner, and when two of these objects are merged, the smaller one is emptied into the larger one.
 *
 * Invariants:
 *  - a span has a guess while its link may still be asked about, and its parent is final from then on;
 *  - the parent of a guess is an open handle, and of its ended spans all were opened in the handle's own segment;
 *  - a span has a mark in a history only while it has a guess, or is a handle that is open.
 */

/** The spans whose link to one open handle may be wrong. */
export class Guesses {
  /** The handle they are linked to. */
  owner: SpanNode;
  open = new Set<SpanNode>();
  ended = new Set<SpanNode>();

  constructor(owner: SpanNode) {
    this.owner = owner;
  }

  get size(): number {
    return this.open.size + this.ended.size;
  }

  /** All of them, to be settled. */
  all(): SpanNode[] {
    return [...this.open, ...this.ended];
  }
}

/** Links a new span to its parent, as a guess where the parent is a handle. */
export function link(span: SpanNode, parent: SpanNode | undefined): void {
  if (parent?.isHandle === true && !parent.ended && !span.isFixed) {
    parent.linked ??= new Guesses(parent);
    parent.linked.open.add(span);
    span.guess = parent.linked;
  } else span.certain = parent;
}

/** A span has ended: if its parent is certain by now, its guess is dropped, so that a long-lived handle holds few guesses. */
export function noteEnd(span: SpanNode): void {
  const { guess } = span;
  if (guess !== undefined) {
    guess.open.delete(span);
    if (span.segment === guess.owner.segment) guess.ended.add(span);
    else decide(span, guess.owner);
  }
  if (span.mark !== undefined) forgetIfDecided(span);
}

/** Settles the links to `handle`, which closes in `flow`. Call it before the handle counts as ended. */
export function settle(handle: SpanNode, { history }: Frame): void {
  const guesses = handle.linked;
  if (guesses === undefined) return;
  handle.linked = undefined;
  // Ended from elsewhere (an event, a timer of somebody else's): that flow's history says nothing, so the guesses stay.
  if (!hasSeen(history, handle)) {
    decideAll(guesses.all(), handle);
    return;
  }
  const isAnyOpen = decideSeen(guesses, history, handle);
  if (guesses.size > 0) moveOut(guesses, handle);
  // A span that is open below may hand its own links up here later: then this history is asked.
  if (isAnyOpen) handle.closedWith = live(history);
}

/** Leaves under `handle` what is in the history. @returns whether any of that is open */
function decideSeen(guesses: Guesses, history: Mark | undefined, handle: SpanNode): boolean {
  let isAnyOpen = false;
  for (const span of seenOf(guesses, history, handle)) {
    (span.ended ? guesses.ended : guesses.open).delete(span);
    if (!span.ended) isAnyOpen = true;
    decide(span, handle);
  }
  return isAnyOpen;
}

/** Which of the guesses are in the history: each is asked for, or the history is read back to the handle, whichever is less. */
function seenOf(guesses: Guesses, history: Mark | undefined, handle: SpanNode): SpanNode[] {
  const behind = (history?.depth ?? 0) - (handle.mark?.depth ?? 0);
  if (guesses.size * 4 < behind) return guesses.all().filter((span) => hasSeen(history, span));
  const seen: SpanNode[] = [];
  for (let at = live(history); at?.span !== undefined && at.span !== handle; at = live(at.prior)) {
    if (at.span.guess === guesses) seen.push(at.span);
  }
  return seen;
}

/** Moves spans from under a handle beside it. */
function moveOut(guesses: Guesses, handle: SpanNode): void {
  let from = handle;
  let { parent } = from;
  // Above it are handles that closed while it was open: each knows what it had seen.
  while (!from.isInBody && parent?.closedWith !== undefined) {
    decideSeen(guesses, parent.closedWith, parent);
    if (guesses.size === 0) return;
    from = parent;
    parent = from.parent;
  }
  if (!from.isInBody && parent?.isHandle === true && !parent.ended) join(guesses, parent);
  else decideAll(guesses.all(), parent, from.isInBody);
}

/** Makes what was guessed for another handle a guess for `parent`, an open one. */
function join(guesses: Guesses, parent: SpanNode): void {
  if (guesses.owner.segment !== parent.segment) {
    // Opened in a later segment and ended in time: it stays.
    const { ended } = guesses;
    guesses.ended = new Set();
    decideAll(ended, parent);
  }
  const before = parent.linked;
  guesses.owner = parent;
  if (before === undefined) parent.linked = guesses;
  else if (before.size >= guesses.size) pour(guesses, before);
  else {
    pour(before, guesses);
    parent.linked = guesses;
  }
}

function pour(from: Guesses, into: Guesses): void {
  for (const span of from.open) into.open.add(span);
  for (const span of from.ended) into.ended.add(span);
  for (const span of from.all()) span.guess = into;
}

/**
 * @param isInBody - they stand in the body that the parent runs: a handle does not leak out of the body it was opened in, so
 * what came to stand under it was opened there, too
 */
function decideAll(spans: Iterable<SpanNode>, parent: SpanNode | undefined, isInBody = false): void {
  for (const span of spans) {
    if (isInBody) {
      span.isInBody = true;
      span.isFixed = true;
    }
    decide(span, parent);
  }
}

function decide(span: SpanNode, parent: SpanNode | undefined): void {
  span.guess = undefined;
  span.certain = parent;
  if (span.mark !== undefined) forgetIfDecided(span);
}

function forgetIfDecided(span: SpanNode): void {
  if (span.guess === undefined && (span.ended || !span.isHandle)) forget(span);
}
