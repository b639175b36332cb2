import type { Frame } from './frame.js';
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
 * So a link to a handle is a guess until the handle closes. Only two sorts of links can be wrong: a span opened in
 * the same segment as the handle (nothing was awaited in between, so it may be the caller's), and one that is
 * still open. For those the history of the flow that closes the handle is asked. Found: control
 * came back past it, it was nested. Not found: it moves to the handle's own parent, where it is asked again.
 *
 * Invariants:
 *  - a span's parent is final once its parent is a body or a handle that runs one it stands in, is undefined, or is a handle that has closed;
 *  - `linked` of an open handle holds every span whose link to it may still be asked about;
 *  - a frame stays in a history only while its `seen` span may still be asked about.
 */

/** Whether it can still be asked where `span` belongs. Turns from true to false once, never back. */
function isUndecided(span: SpanNode): boolean {
  const parent = span.parent;
  return (
    parent?.isHandle === true && !parent.ended && !span.isFixed && (!span.ended || span.segment === parent.segment)
  );
}

/** The frames of this history that can still decide something, newest first. */
export function relevantHistory(frame: Frame | undefined): Frame | undefined {
  const first = skipDecided(frame);
  // A few steps each time keep the whole chain short: a long-lived handle must not collect frames.
  let at = first;
  for (let step = 0; at !== undefined && step < 4; step += 1) {
    at.prior = skipDecided(at.prior);
    at = at.prior;
  }
  return first;
}

function skipDecided(frame: Frame | undefined): Frame | undefined {
  let at = frame;
  while (at !== undefined && (at.seen === undefined || !isUndecided(at.seen))) at = at.prior;
  return at;
}

/** Whether a span that has just been started must leave a marker in the flow that started it. */
export function needsMarker(span: SpanNode): boolean {
  return isUndecided(span);
}

/** Links a new span to its parent, as a guess where the parent is a handle. */
export function link(span: SpanNode, parent: SpanNode | undefined): void {
  span.parent = parent;
  if (parent?.isHandle === true && !parent.ended && !span.isFixed) {
    parent.linked ??= new Set();
    parent.linked.add(span);
  }
}

/** Forgets the link of an ended span that can no longer be wrong, so that a long-lived handle holds few. */
export function unlinkIfDecided(span: SpanNode): void {
  const parent = span.parent;
  if (parent?.linked !== undefined && !isUndecided(span)) parent.linked.delete(span);
}

/** Settles the links to `handle`, which closes in `flow`. Call it before the handle counts as ended. */
export function settle(handle: SpanNode, flow: Frame): void {
  const linked = handle.linked;
  handle.linked = undefined;
  if (linked === undefined || linked.size === 0) return;
  const history = seenIn(flow);
  // Ended from elsewhere (an event, a timer of somebody else's): that flow's history says nothing, so the guesses stay.
  if (!history.has(handle) && !isWithin(flow.span, handle)) return;
  let someOpen = false;
  for (const span of linked) {
    if (span.parent !== handle) continue;
    if (!span.ended) someOpen = true;
    if (isUndecided(span) && !history.has(span)) moveOut(span, handle);
  }
  // A span that is open below may hand its own links up here later: then this history is asked.
  if (someOpen) handle.closedWith = history;
}

/** Moves a span from under a handle beside it. */
function moveOut(span: SpanNode, handle: SpanNode): void {
  const { parent } = handle;
  if (handle.isInBody) {
    // A handle does not leak out of the body it was opened in, so what came to stand under it was opened there, too.
    span.isInBody = true;
    span.isFixed = true;
  } else if (parent?.isHandle === true && parent.ended && parent.closedWith?.has(span) === false) {
    moveOut(span, parent);
    return;
  }
  link(span, parent);
}

function isWithin(span: SpanNode | undefined, handle: SpanNode): boolean {
  let at = span;
  while (at !== undefined && at !== handle) at = at.parent;
  return at === handle;
}

function seenIn(flow: Frame): ReadonlySet<SpanNode> {
  const seen = new Set<SpanNode>();
  for (let at: Frame | undefined = flow; at !== undefined; at = at.prior) {
    if (at.seen !== undefined) seen.add(at.seen);
  }
  return seen;
}
