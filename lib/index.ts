export { Client, type ErrorListener } from './client/client.js';
export { type FlushAfterOptions, flushAfter } from './client/flush-after.js';
export { flush, logTrace, score, shutdown } from './client/global-calls.js';
export { getClient, init } from './client/global-client.js';
export type { RequestContext } from './client/lifecycle/request-context.js';
export { suppressProviderSpans } from './client/recording/suppression.js';
export { SpanData, type SpanDataInit, TraceData, type TraceDataInit } from './client/recording/trace-data.js';
export { ConsoleSink, type ConsoleStream } from './client/sinks/console-sink.js';
export { HttpSink, type HttpSinkOptions } from './client/sinks/http-sink.js';
export { MemorySink } from './client/sinks/memory-sink.js';
export {
  type ScoreView,
  type SpanView,
  type TraceView,
  viewScore,
  viewSpan,
  viewTrace,
} from './client/sinks/trace-view.js';
export {
  DeliveryError,
  type ErrorCode,
  errorCodes,
  PandaProbeError,
  SettingsError,
  UsageError,
} from './common/errors.js';
export { VERSION } from './common/version.js';
export type {
  ConfigOptions,
  EstimateCost,
  EstimateFacts,
  Options,
  RecordedTokenUsage,
  SdkConfig,
  Settings,
} from './config/options.js';
export type {
  Cost,
  OutputOptions,
  SpanContext,
  SpanHandle,
  SpanOptions,
  TokenUsage,
  TraceContext,
  TraceHandle,
  TraceOptions,
  WithSpanOptions,
  WithTraceOptions,
} from './engine/handles.js';
export type {
  CaptureOptions,
  SpanCallOptions,
  SpanDecoratorOptions,
  TraceCallOptions,
  TraceDecoratorOptions,
} from './instrument/call-options.js';
export {
  bind,
  getCurrentSpan,
  getCurrentTrace,
  getSpanStack,
  startTrace,
  withSpan,
  withTrace,
} from './instrument/context.js';
export type { MethodContext, TracingDecorator } from './instrument/decorate.js';
export { span, trace } from './instrument/decorators.js';
export { spanFunction, traceFunction } from './instrument/functions.js';
export { type Scope, session, setSession, setUser, user } from './instrument/sessions.js';
export { getTracedMethods, type TracedMethod } from './instrument/traced-methods.js';
export type { Mask, MaskContext } from './model/capture-values.js';
export { ScoreDataType, SpanKind, SpanStatusCode, TraceStatus } from './model/kinds.js';
export type { CallFacts, JsonText, LateSpansRecord, ScoreRecord, SpanRecord, TraceRecord } from './model/records.js';
export type { ScoreOptions } from './model/score.js';
export type { FlushOptions, FlushResult, Sink, SinkStats } from './model/sink.js';
