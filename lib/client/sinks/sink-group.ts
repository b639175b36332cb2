import { errorText } from '../../common/error-text.js';
import { guardCallback } from '../../common/guard-callback.js';
import type { Log } from '../../common/log.js';
import { clearTimeout, longestTimerMs, setTimeout } from '../../common/real-time.js';
import { alreadyJson } from '../../model/object-json.js';
import type {
  CapturedLateSpans,
  CapturedSpan,
  CapturedTrace,
  LateSpansRecord,
  ScoreRecord,
  SpanRecord,
  TraceRecord,
} from '../../model/records.js';
import {
  defaultFlushMs,
  type FlushOptions,
  type FlushResult,
  noStats,
  nothing,
  type Sink,
  type SinkStats,
} from '../../model/sink.js';
import type { OpenTraces } from '../live/live-traces.js';
import { addResults, addStats } from './counts.js';
import { type DirectDelivery, deliveryOf, type Member } from './direct-delivery.js';
import { tellOpened } from './early-deliveries.js';

/** Several sinks as one. A sink's fault is logged and reaches neither the others nor the caller. */
export class SinkGroup {
  readonly #members: readonly Member[];
  readonly #log: Log;
  /** Returns the JSON text of a captured text. Until the client sets it, every captured text is JSON text. */
  toJson = alreadyJson;

  constructor(sinks: readonly Sink[], log: Log) {
    this.#members = sinks.map((sink) => ({ sink, direct: deliveryOf(sink) }));
    this.#log = log;
  }

  /** Passes on a trace: with JSON text to users' sinks, as captured to a delivery, whose worker makes JSON of it. */
  trace(record: CapturedTrace): void {
    let asJson: TraceRecord | undefined;
    for (const { sink, direct } of this.#members) {
      if (direct !== undefined && sink.trace === direct.ours.trace) {
        this.#deliver(sink, () => direct.delivery.trace(record));
        continue;
      }
      this.#call(sink, () => {
        asJson ??= { ...record, ...this.#valuesAsJson(record), spans: this.#spansAsJson(record.spans) };
        return sink.trace(asJson);
      });
    }
  }

  /** Passes on late spans, like {@link trace}. */
  lateSpans(record: CapturedLateSpans): void {
    let asJson: LateSpansRecord | undefined;
    for (const { sink, direct } of this.#members) {
      if (direct !== undefined && sink.lateSpans === direct.ours.lateSpans) {
        this.#deliver(sink, () => direct.lateSpans(record));
        continue;
      }
      this.#call(sink, () => {
        asJson ??= { ...record, spans: this.#spansAsJson(record.spans) };
        return sink.lateSpans?.(asJson);
      });
    }
  }

  /** Passes on a score. A sink whose protocol has no scores gets it only if no other sink does; that one says that it is dropped. */
  score(record: ScoreRecord): void {
    const takers = this.#members.filter(({ sink, direct }) => sink.score !== undefined && direct?.hasScores !== false);
    for (const { sink } of takers.length > 0 ? takers : this.#members) this.#call(sink, () => sink.score?.(record));
  }

  /** A trace was opened, which is among `open`; it may be sent before it ends. */
  opened(open: OpenTraces): void {
    tellOpened(this.#members, open);
  }

  /** Hands over the late spans that deliveries have collected, for all sinks before any of them waits for its own end. */
  handOver(): void {
    for (const { direct } of this.#members) direct?.handOver();
  }

  /** Calls `what` with each sink. Errors are logged, also those of a promise that it returns. */
  each(what: (sink: Sink, direct: DirectDelivery | undefined) => unknown): void {
    for (const { sink, direct } of this.#members) this.#call(sink, () => what(sink, direct));
  }

  /** Flushes or shuts down every sink; `ok` is false if one fails. Never rejects. */
  async callEach(call: 'flush' | 'shutdown', options: FlushOptions | undefined): Promise<FlushResult> {
    const results = await Promise.all(this.#members.map(({ sink }) => this.#callOne(sink, call, options)));
    const [first = nothing, ...others] = results;
    return others.reduce(addResults, first);
  }

  stats(): SinkStats {
    let total = noStats;
    this.each((sink) => {
      total = addStats(total, { ...noStats, ...sink.stats?.() });
    });
    return total;
  }

  /** Calls a delivery of this package, which takes a record and returns nothing. */
  #deliver(sink: Sink, call: () => void): void {
    try {
      call();
    } catch (fault) {
      this.#onFault(sink, fault);
    }
  }

  /** Calls a sink that may be a user's. */
  #call(sink: Sink, call: () => unknown): void {
    guardCallback(call, (fault) => this.#onFault(sink, fault));
  }

  #onFault({ name }: Sink, fault: unknown): void {
    this.#log.error(`sink ${name}`, `the sink ${name} threw: ${errorText(fault)}`);
  }

  #spansAsJson(spans: readonly CapturedSpan[]): readonly SpanRecord[] {
    return spans.map((span) => ({ ...span, ...this.#valuesAsJson(span) }));
  }

  #valuesAsJson({ input, output }: Pick<CapturedSpan, 'input' | 'output'>): Pick<SpanRecord, 'input' | 'output'> {
    return {
      input: input === undefined ? undefined : this.toJson(input),
      output: output === undefined ? undefined : this.toJson(output),
    };
  }

  async #callOne(sink: Sink, call: 'flush' | 'shutdown', options: FlushOptions | undefined): Promise<FlushResult> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<FlushResult>((resolve) => {
      timer = setTimeout(() => resolve({ ...nothing, ok: false }), patienceMs(options));
    });
    try {
      // A sink without `shutdown` is flushed instead.
      const settled =
        call === 'shutdown' && sink.shutdown !== undefined ? sink.shutdown(options) : sink.flush?.(options);
      return { ...nothing, ...(await Promise.race([settled, timeout])) }; // a sink without types may leave counts out
    } catch (error) {
      this.#log.error(`sink ${sink.name}`, `the sink ${sink.name} failed to ${call}: ${errorText(error)}`);
      return { ...nothing, ok: false };
    } finally {
      clearTimeout(timer);
    }
  }
}

/** How much longer than its limit a sink may take, in milliseconds. Its own result has counts; a timeout here has none. */
const graceMs = 50;

function patienceMs(options: FlushOptions | undefined): number {
  const timeoutMs = Math.max(options?.timeoutMs ?? defaultFlushMs, 0) || 0;
  return Math.min(timeoutMs + graceMs, longestTimerMs);
}
