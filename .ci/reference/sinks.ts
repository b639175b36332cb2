/**
 * Where records go, from `pandaprobe-ts`: the sinks that come along, and what one of your own receives.
 *
 * How to use it: [testing](../testing.md), [delivery](../delivery.md).
 *
 * @module
 */
export {
  type CallFacts,
  ConsoleSink,
  type ConsoleStream,
  HttpSink,
  type HttpSinkOptions,
  type JsonText,
  type LateSpansRecord,
  MemorySink,
  type ScoreRecord,
  type ScoreView,
  type Sink,
  type SpanRecord,
  type SpanView,
  type TraceRecord,
  type TraceView,
  viewScore,
  viewSpan,
  viewTrace,
} from '../../lib/index.js';
