import type { SpanNode } from './span-node.js';
import type { TraceNode } from './trace-node.js';

/** A `session()` or `user()` that traces belong to, and the one around it. */
export interface OwnerScope {
  readonly owner: 'sessionId' | 'userId';
  readonly id: string;
  readonly outer: OwnerScope | undefined;
  /** Its `using` block is over. Frames that still point here, in flows the end did not reach, pass it over. */
  isOver: boolean;
}

/**
 * What holds for all that is recorded here: whose traces these are (the innermost scope, and what `setSession()` and
 * `setUser()` have set), and whether provider clients record nothing.
 */
export interface Who {
  readonly scope: OwnerScope | undefined;
  readonly sessionId: string | undefined;
  readonly userId: string | undefined;
  readonly suppressesProviderSpans: boolean;
}

/**
 * What is current in one flow of control. Frames are never changed, only replaced, so two branches that
 * start from the same frame cannot disturb each other. Only `prior` is shortened, when what it held can
 * decide nothing any more.
 *
 *     using a ──> F1 {span a, seen a}
 *       withSpan(b) returns ──> F2 {span a, seen b, prior F1}     a marker: control came back past b
 *       using c ──> F3 {span c, seen c, prior F2}
 *       c ends  ──> F4 {span a, prior F3}
 *     a ends in F4: the history F4, F3, F2, F1 has seen a, b and c, so b and c were nested in a.
 *     A sibling of a that was started meanwhile ran in another flow, and is not in this history.
 */
export interface Frame {
  readonly trace: TraceNode | undefined;
  /** The innermost span; undefined directly under the trace. May have ended: see `nearestOpen`. */
  readonly span: SpanNode | undefined;
  readonly who: Who;
  /** The innermost span that is current by a body (`withSpan`, a decorated method, `s.run`): what opens in it is its child for certain. */
  readonly body: SpanNode | undefined;
  /** The span whose start this frame marks in the flow's history. */
  readonly seen: SpanNode | undefined;
  /** The frame this one was derived from, as far back as something is undecided. */
  prior: Frame | undefined;
}

const nobody: Who = { scope: undefined, sessionId: undefined, userId: undefined, suppressesProviderSpans: false };

/** What is current where nothing has been started. */
export const emptyFrame: Frame = {
  trace: undefined,
  span: undefined,
  who: nobody,
  body: undefined,
  seen: undefined,
  prior: undefined,
};
