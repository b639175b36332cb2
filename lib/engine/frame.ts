import type { Mark } from './history.js';
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
  /** The span by which an integration records a model call that runs here: provider clients record nothing until it has ended. */
  readonly modelSpan?: SpanNode | undefined;
  /** The span by which an integration records a tool that runs here: who calls the tool's server records it there. */
  readonly toolSpan?: SpanNode | undefined;
  /** Gets the id of each trace that starts here and is recorded. Does not throw. */
  readonly noteTrace?: ((traceId: string) => void) | undefined;
}

/**
 * What is current in one flow of control. Frames are never changed, only replaced, so two branches that start from the
 * same frame cannot disturb each other.
 *
 *     using a ──> {span a, history A}
 *       withSpan(b) returns ──> {span a, history A ◄─ B}          a mark: control came back past b
 *       using c ──> {span c, history A ◄─ B ◄─ C}
 *       c ends  ──> {span a, history A ◄─ B ◄─ C}
 *     a ends here: the history has seen a, b and c, so b and c were nested in a.
 *     A sibling of a that was started meanwhile ran in another flow, and is not in this history.
 */
export interface Frame {
  readonly trace: TraceNode | undefined;
  /** The innermost span; undefined directly under the trace. May have ended: see `nearestOpen`. */
  readonly span: SpanNode | undefined;
  readonly who: Who;
  /** The innermost span that is current by a body (`withSpan`, a decorated method, `s.run`): what opens in it is its child for certain. */
  readonly body: SpanNode | undefined;
  /** The spans whose start control has come past in this flow, as far as their place is undecided. */
  readonly history: Mark | undefined;
}

const nobody: Who = { scope: undefined, sessionId: undefined, userId: undefined, suppressesProviderSpans: false };

/** What is current where nothing has been started. */
export const emptyFrame: Frame = {
  trace: undefined,
  span: undefined,
  who: nobody,
  body: undefined,
  history: undefined,
};
