import type { LateSpansRecord, ScoreRecord, TraceRecord } from '../../model/records.js';
import { type FlushResult, noStats, type Sink, type SinkStats } from '../../model/sink.js';
import { type ScoreView, type SpanView, type TraceView, viewScore, viewSpan, viewTrace } from './trace-view.js';
import { treeText } from './tree-text.js';

/**
 * Keeps finished traces in memory, for tests of instrumented code. A trace is there as soon as it has ended, without waiting and
 * without the network.
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
  /** By trace id, the index in `#traces`. */
  readonly #indexes = new Map<string, number>();
  /** Late spans by trace id; merged into the trace's spans when it is read. */
  readonly #late = new Map<string, Map<string, SpanView>>();

  /** The finished traces, oldest first. */
  get traces(): readonly TraceView[] {
    for (const [traceId, late] of this.#late) if (this.#mergeLate(traceId, late)) this.#late.delete(traceId);
    return this.#traces;
  }

  /** The scores, oldest first. */
  get scores(): readonly ScoreView[] {
    return this.#scores;
  }

  /**
   * All traces as trees of names and kinds, one line per span, in the order in which the spans started; failed ones end in
   * `ERROR`.
   */
  tree(): string {
    return this.traces.map((trace) => treeText(trace, { details: false, colors: false })).join('\n');
  }

  /** Forgets everything. */
  clear(): void {
    this.#traces = [];
    this.#scores = [];
    this.#indexes.clear();
    this.#late.clear();
  }

  trace(record: TraceRecord): void {
    if (!this.#indexes.has(record.traceId)) this.#indexes.set(record.traceId, this.#traces.length);
    this.#traces.push(viewTrace(record));
  }

  lateSpans(record: LateSpansRecord): void {
    if (!this.#indexes.has(record.traceId) && record.isRemote !== true) return;
    const late = this.#late.get(record.traceId) ?? new Map<string, SpanView>();
    for (const span of record.spans) {
      late.delete(span.spanId); // the newest comes last
      late.set(span.spanId, viewSpan(span));
    }
    this.#late.set(record.traceId, late);
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

  #mergeLate(traceId: string, late: ReadonlyMap<string, SpanView>): boolean {
    const at = this.#indexes.get(traceId) ?? -1;
    const trace = this.#traces[at];
    if (trace === undefined) return false; // a remote one, which may come yet
    this.#traces[at] = {
      ...trace,
      spans: [...trace.spans.filter(({ spanId }) => !late.has(spanId)), ...late.values()],
    };
    return true;
  }
}
