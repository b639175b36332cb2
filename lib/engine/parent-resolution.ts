import type { Frame } from './frame.js';
import { forget, hasSeen, live, type Mark } from './history.js';
import type { SpanNode } from './span-node.js';

/*
 * Decides the parent of spans that were opened under a handle.
 *
 * A callback (withSpan, a decorated method) is current exactly while it runs, so a span opened in it is its child
 * for certain. A handle (`using s = t.span()`) stays current in the flow of control that opened it, and an
 * async function that opens one before its first await leaves it current in its caller, too:
 *
 *     Promise.all([f1(), f2()])      f1 opens h1 and awaits; its caller now runs with h1 current;
 *                                    f2 opens h2: its parent is h1 for now, though it is a sibling.
 *
 * So a handle as a parent is a guess until the handle closes. Only two guesses can be wrong: a span opened in the same
 * synchronous turn as the handle (nothing was awaited in between, so the caller may have opened it), and a span that is still
 * open. When the handle closes, both are looked up in the history of the flow that closes it. A span that is found was nested:
 * control came back past it. Any other span moves to the handle's own parent; if that is an open handle, the span is looked up
 * again when it closes.
 *
 * Many handles may be open at once, each below the one before. So spans are moved together: all guesses under one handle are in one
 * `Guesses` object, and merging two of these moves the smaller one into the larger one.
 *
 * Invariants:
 *  - a span has a guess while its parent may still change; without a guess its parent is final;
 *  - the owner of a `Guesses` is an open handle, and its ended spans were all opened in the handle's own synchronous turn;
 *  - a span has a mark in a history only while it has a guess, or is a handle that is open.
 */

/** The ended spans of guesses that have none. Nothing is added to it: most guesses never need a set of their own. */
const none = new Set<SpanNode>();

/** The spans whose parent is, as a guess, one open handle. */
export class Guesses {
  /** The handle that is their parent for now. */
  owner: SpanNode;
  readonly open = new Set<SpanNode>();
  ended = none;

  constructor(owner: SpanNode) {
    this.owner = owner;
  }

  get size(): number {
    return this.open.size + this.ended.size;
  }

  /** All spans, as a list that does not change while parents are decided. */
  all(): SpanNode[] {
    return [...this.open, ...this.ended];
  }
}

/** Sets the parent of a new span: as a guess if the parent is an open handle, else for good. */
export function linkTentatively(span: SpanNode, parent: SpanNode | undefined): void {
  if (parent?.isHandle === true && !parent.ended && !span.hasExplicitParent) {
    parent.guessesBelow ??= new Guesses(parent);
    parent.guessesBelow.open.add(span);
    span.guess = parent.guessesBelow;
  } else span.decidedParent = parent;
}

/** Decides the parent of a span that has ended, if nothing can change it any more. So a long-lived handle holds few guesses. */
export function resolveEnded(span: SpanNode): void {
  const { guess } = span;
  if (guess !== undefined) {
    guess.open.delete(span);
    if (span.syncTurn === guess.owner.syncTurn) addEnded(guess, span);
    else decide(span, guess.owner);
  }
  if (span.mark !== undefined) forgetIfDecided(span);
}

/** Decides the parents of the spans under `handle`, which closes in the flow of the given frame. Call it before `handle.ended` is set. */
export function resolveParents(handle: SpanNode, { history }: Frame): void {
  const guesses = handle.guessesBelow;
  if (guesses === undefined) return;
  handle.guessesBelow = undefined;
  // Closed by another flow (an event, a timer), whose history does not know the handle: all spans stay under it.
  if (!hasSeen(history, handle)) {
    decideAll(guesses.all(), handle);
    return;
  }
  const isAnyOpen = decideSeen(guesses, history, handle);
  if (guesses.size > 0) reparent(guesses, handle);
  // A handle below that is still open may later move its spans up; then this history decides.
  if (isAnyOpen) handle.closedWith = live(history);
}

/** Decides that the spans in the history stay under `handle`. @returns whether any of them is open */
function decideSeen(guesses: Guesses, history: Mark | undefined, handle: SpanNode): boolean {
  let isAnyOpen = false;
  for (const span of seenOf(guesses, history, handle)) {
    (span.ended ? guesses.ended : guesses.open).delete(span);
    if (!span.ended) isAnyOpen = true;
    decide(span, handle);
  }
  return isAnyOpen;
}

/** The guesses that are in the history: looks each one up, or reads the history back to the handle, whichever is less work. */
function seenOf(guesses: Guesses, history: Mark | undefined, handle: SpanNode): SpanNode[] {
  const distance = (history?.depth ?? 0) - (handle.mark?.depth ?? 0);
  if (guesses.size * 4 < distance) return guesses.all().filter((span) => hasSeen(history, span));
  const seen: SpanNode[] = [];
  for (let at = live(history); at?.span !== undefined && at.span !== handle; at = live(at.previous)) {
    if (at.span.guess === guesses) seen.push(at.span);
  }
  return seen;
}

/** Moves spans from under a handle to the handle's own parent. */
function reparent(guesses: Guesses, handle: SpanNode): void {
  let from = handle;
  let { parent } = from;
  // Handles above that closed while this one was open: each has kept the history it closed with.
  while (!from.openedInCallback && parent?.closedWith !== undefined) {
    decideSeen(guesses, parent.closedWith, parent);
    if (guesses.size === 0) return;
    from = parent;
    parent = from.parent;
  }
  if (!from.openedInCallback && parent?.isHandle === true && !parent.ended) join(guesses, parent);
  else decideAll(guesses.all(), parent, from.openedInCallback);
}

/** Moves the guesses from under the handle that owned them to `parent`, an open handle. */
function join(guesses: Guesses, parent: SpanNode): void {
  if (guesses.owner.syncTurn !== parent.syncTurn) {
    // These spans have ended, and were opened in a later synchronous turn than `parent`, so `parent` is certain.
    const { ended } = guesses;
    guesses.ended = none;
    decideAll(ended, parent);
  }
  const before = parent.guessesBelow;
  guesses.owner = parent;
  if (before === undefined) parent.guessesBelow = guesses;
  else if (before.size >= guesses.size) moveAll(guesses, before);
  else {
    moveAll(before, guesses);
    parent.guessesBelow = guesses;
  }
}

function addEnded(guesses: Guesses, span: SpanNode): void {
  if (guesses.ended === none) guesses.ended = new Set();
  guesses.ended.add(span);
}

function moveAll(from: Guesses, into: Guesses): void {
  for (const span of from.all()) {
    span.guess = into;
    if (span.ended) addEnded(into, span);
    else into.open.add(span);
  }
}

/**
 * Decides that the spans stay under `parent`.
 * @param isInCallback - whether they were opened in a callback that `parent` runs. They were, if the handle above them was opened
 *   there: it is current in that callback only
 */
function decideAll(spans: Iterable<SpanNode>, parent: SpanNode | undefined, isInCallback = false): void {
  for (const span of spans) {
    if (isInCallback) {
      span.openedInCallback = true;
      span.hasExplicitParent = true;
    }
    decide(span, parent);
  }
}

function decide(span: SpanNode, parent: SpanNode | undefined): void {
  span.guess = undefined;
  span.decidedParent = parent;
  if (span.mark !== undefined) forgetIfDecided(span);
}

function forgetIfDecided(span: SpanNode): void {
  if (span.guess === undefined && (span.ended || !span.isHandle)) forget(span);
}
