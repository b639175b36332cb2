import type { Mark } from './history.js';
import type { RemoteOrigin } from './remote-origin.js';
import type { SpanNode } from './span-node.js';
import type { TraceNode } from './trace-node.js';

/** A `session()` or `user()` that traces belong to, and the one around it. */
export interface OwnerScope {
  readonly owner: 'sessionId' | 'userId';
  readonly id: string;
  readonly outer: OwnerScope | undefined;
  /** Its `using` block has ended. Frames of other flows may still point here; they must skip it. */
  isOver: boolean;
}

/**
 * Session and user of the traces that are recorded here (the innermost scope, and the values of `setSession()` and `setUser()`),
 * and whether provider clients record nothing.
 */
export interface Who {
  readonly scope: OwnerScope | undefined;
  readonly sessionId: string | undefined;
  readonly userId: string | undefined;
  readonly suppressesProviderSpans: boolean;
  /** The span by which an integration records a model call that runs here: provider clients record nothing until the span has ended. */
  readonly modelSpan?: SpanNode | undefined;
  /** The span by which an integration records a tool that runs here: an integration that calls the tool's server records the call in this span. */
  readonly toolSpan?: SpanNode | undefined;
  /** What another process has handed on: the traces that start here may belong to one of its. */
  readonly remote?: RemoteOrigin | undefined;
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
  /** The spans whose start control has come past in this flow and whose parent is not decided yet. */
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
