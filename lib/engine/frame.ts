import type { Mark } from './history.js';
import type { RemoteOrigin } from './remote-origin.js';
import type { SpanNode } from './span-node.js';
import type { TraceNode } from './trace-node.js';

/** One `session()` or `user()` scope, and the scope around it. */
export interface OwnerScope {
  readonly owner: 'sessionId' | 'userId';
  readonly id: string;
  outer: OwnerScope | undefined;
  /** How many are around it. @defaultValue not counted */
  readonly depth?: number;
  /** Its `using` block has ended. Frames of other flows may still point here; they must skip it. */
  isOver: boolean;
}

/**
 * Attributes that traces and spans take from their surroundings when they start: session and user (from the innermost `session()`
 * or `user()`, and from `setSession()` and `setUser()`), and which span records the current model or tool call.
 */
export interface AmbientAttributes {
  readonly scope: OwnerScope | undefined;
  readonly sessionId: string | undefined;
  readonly userId: string | undefined;
  /** Whether wrapped clients record nothing, by the user's `suppressProviderSpans()`. */
  readonly suppressesProviderSpans: boolean;
  /** The span of an integration for the model call that is running: wrapped clients record nothing until it has ended. */
  readonly modelSpan?: SpanNode | undefined;
  /**
   * The span of an integration for the tool call that is running: if another integration calls the tool's server, it records the
   * call in this span.
   */
  readonly toolSpan?: SpanNode | undefined;
  /** The context that another process has sent: traces that start here may continue its trace. */
  readonly remote?: RemoteOrigin | undefined;
  /** Called with the id of each recorded trace that starts here. Does not throw. */
  readonly onTraceStarted?: ((traceId: string) => void) | undefined;
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
  readonly ambient: AmbientAttributes;
  /** The innermost span that is current because its callback runs (`withSpan`, a decorated method, `s.run`): its children are certain. */
  readonly callbackSpan: SpanNode | undefined;
  /** The spans that were started in this flow and whose parent is not decided yet. */
  readonly history: Mark | undefined;
}

const noAttributes: AmbientAttributes = {
  scope: undefined,
  sessionId: undefined,
  userId: undefined,
  suppressesProviderSpans: false,
};

/** The frame of a flow in which nothing has been started. */
export const emptyFrame: Frame = {
  trace: undefined,
  span: undefined,
  ambient: noAttributes,
  callbackSpan: undefined,
  history: undefined,
};
