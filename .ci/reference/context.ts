/**
 * Records by hand, from `pandaprobe-ts`: bodies, handles, what is current, sessions and users.
 *
 * How to use it: [context API](../context-api.md), [sessions and users](../sessions-and-users.md).
 *
 * @module
 */
export {
  bind,
  type Cost,
  getCurrentSpan,
  getCurrentTrace,
  getSpanStack,
  type OutputOptions,
  type Scope,
  type SpanContext,
  type SpanHandle,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  session,
  setSession,
  setUser,
  startTrace,
  type TokenUsage,
  type TraceContext,
  type TraceHandle,
  type TraceOptions,
  TraceStatus,
  user,
  type WithSpanOptions,
  type WithTraceOptions,
  withSpan,
  withTrace,
} from '../../lib/index.js';
