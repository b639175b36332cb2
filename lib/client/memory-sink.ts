import type { LateSpansRecord, ScoreRecord, TraceRecord } from '../model/records.js';
import { type FlushResult, noStats, type Sink, type SinkStats } from '../model/sink.js';
import { type ScoreView, type TraceView, viewScore, viewSpan, viewTrace } from './trace-view.js';
import { treeText } from './tree-text.js';

/**
 * Keeps what was recorded, for the tests of instrumented code. Everything is there as soon as the trace has
 * ended: no waiting, no network.
 *
 * @example
 * ```ts
 * const memory = new MemorySink();
 * init({ sinks: [memory] });
 * withTrace('agent', () => withSpan('search', { kind: 'TOOL' }, () => 'found'));
 * memory.tree(); // 'agent\n└─ search TOOL'
 * ```
 */
export class MemorySink implements Sink {
  readonly name = 'memory';
  #traces: TraceView[] = [];
  #scores: ScoreView[] = [];

  /** The finished traces, oldest first. */
  get traces(): readonly TraceView[] {
    return this.#traces;
  }

  /** The scores, oldest first. */
  get scores(): readonly ScoreView[] {
    return this.#scores;
  }

  /** All traces as trees of names and kinds, one line a span, in the order the spans started. */
  tree(): string {
    return this.#traces.map((trace) => treeText(trace, { details: false, colors: false })).join('\n');
  }

  /** Forgets everything. */
  clear(): void {
    this.#traces = [];
    this.#scores = [];
  }

  trace(record: TraceRecord): void {
    this.#traces.push(viewTrace(record));
  }

  lateSpans(record: LateSpansRecord): void {
    const at = this.#traces.findIndex((trace) => trace.traceId === record.traceId);
    const trace = this.#traces[at];
    if (trace === undefined) return;
    const late = record.spans.map(viewSpan);
    const isLate = new Set(late.map((span) => span.spanId));
    this.#traces[at] = { ...trace, spans: [...trace.spans.filter((span) => !isLate.has(span.spanId)), ...late] };
  }

  score(record: ScoreRecord): void {
    this.#scores.push(viewScore(record));
  }

  async flush(): Promise<FlushResult> {
    const { delivered } = this.stats();
    return { ok: true, delivered, dropped: 0, failed: 0, pending: 0 };
  }

  stats(): SinkStats {
    const kept = this.#traces.length + this.#scores.length;
    return { ...noStats, created: kept, delivered: kept };
  }
}
