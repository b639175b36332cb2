/**
 * Scores, and traces that were put together elsewhere, from `pandaprobe-ts`.
 *
 * @module
 */
export {
  logTrace,
  ScoreDataType,
  type ScoreOptions,
  SpanData,
  type SpanDataInit,
  score,
  TraceData,
  type TraceDataInit,
} from '../../lib/index.js';
