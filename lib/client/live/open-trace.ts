import { performance } from '../../common/real-time.js';
import { isFinal, spanSoFar, traceSoFar } from '../../engine/so-far.js';
import type { SpanNode } from '../../engine/span-node.js';
import type { TraceNode } from '../../engine/trace-node.js';
import type { CapturedLateSpans, CapturedSpan, CapturedText, CapturedTrace } from '../../model/records.js';

/** Most spans in one update, and about the most characters; the rest goes with the next update. */
const maxSpans = 5000;
const maxChars = 8_000_000;
/** Shortest time between two readings of a stream's output, in milliseconds, and the largest share of time that they may take. */
const progressMs = 1000;
const progressShare = 0.02;

/** The state of a span whose record may still change. */
interface Watched {
  /** The record that was last sent. */
  sent: CapturedSpan | undefined;
  /** The output so far of a stream, and when to look at it again. */
  output: CapturedText | undefined;
  outputAt: number;
}

/** What is known so far, and the number of the update. */
export interface Update {
  readonly number: number;
  readonly record: CapturedTrace | CapturedLateSpans;
}

/**
 * Knows which parts of one open trace were sent, and which are still to be sent.
 *
 * ```
 *  trace.spans   s1 s2 s3 s4 s5 s6 s7 …
 *                ──── passed ───^             what was opened since is found here
 *  watched       s2 s5                        open, or with a parent that is a guess: compared at each look
 *  unstored      s3 s5                        sent, and not known to be stored: the next update has them again
 * ```
 *
 * Invariants: every span up to the last one looked at is either stored and final, or in `#watched` or `#unstored`. An update
 * contains everything that is not stored, so it may replace the previous one.
 */
export class OpenTrace {
  readonly #trace: TraceNode;
  #passed = 0;
  readonly #watched = new Map<SpanNode, Watched>();
  /** Spans that are not stored yet, with the number of the last update that had them. */
  readonly #unstored = new Map<SpanNode, number>();
  #chars = 0;
  /** The trace's own record as last sent, and the number of that update; 0 if it is stored. */
  #head: CapturedTrace | undefined;
  #headIn = 0;
  /** Whether the backend has the trace. */
  isStored = false;
  #last = 0;
  #lastSettled = 0;
  /** When the next update may be sent. */
  nextAt = 0;

  constructor(trace: TraceNode) {
    this.#trace = trace;
  }

  /** Whether the last update is on its way. */
  get isPending(): boolean {
    return this.#lastSettled < this.#last;
  }

  /** The next update; undefined when nothing is new. */
  next(): Update | undefined {
    const { traceId, spans } = this.#trace;
    if (spans.length === 0) return undefined;
    const isNew = this.#findChanges();
    const head = traceSoFar(this.#trace);
    const isHeadNew = !isSame(this.#head, head, headFields);
    const isLost = !this.isPending && (this.#unstored.size > 0 || this.#headIn > 0);
    if (!isNew && !isHeadNew && !isLost) return undefined;
    this.#last += 1;
    const records: CapturedSpan[] = [];
    for (const span of this.#unstored.keys()) records.push(this.#record(span));
    if (!isHeadNew && this.#headIn === 0 && this.isStored) {
      return { number: this.#last, record: { traceId, spans: records } };
    }
    this.#head = head;
    this.#headIn = this.#last;
    return { number: this.#last, record: { ...head, spans: records } };
  }

  /** Handles a stored update: its spans are stored, unless a later update has them again. */
  stored(number: number): void {
    this.settled(number);
    this.isStored = true;
    if (this.#headIn <= number) this.#headIn = 0;
    if (number === this.#last) this.#unstored.clear();
    else for (const [span, last] of this.#unstored) if (last <= number) this.#unstored.delete(span);
    if (this.#unstored.size === 0) this.#chars = 0;
  }

  /** Handles an update that is no longer on its way. */
  settled(number: number): void {
    this.#lastSettled = Math.max(this.#lastSettled, number);
  }

  /** Looks for changes since the last update. @returns whether there are any */
  #findChanges(): boolean {
    const now = performance.now();
    let isNew = false;
    for (const [span, watched] of this.#watched) {
      if (!span.ended) lookAtOutput(span, watched, now);
      if (isSame(watched.sent, spanSoFar(span, watched.output), spanFields) && !isFinal(span)) continue;
      if (span.ended && watched.sent?.endedAt === undefined) price(span);
      this.#unstored.set(span, 0);
      isNew = true;
    }
    const { spans } = this.#trace;
    while (this.#passed < spans.length && this.#unstored.size < maxSpans && this.#chars < maxChars) {
      const span = spans[this.#passed] as SpanNode; // in range
      this.#passed += 1;
      if (span.ended) price(span);
      if (!isFinal(span)) this.#watched.set(span, { sent: undefined, output: undefined, outputAt: 0 });
      this.#unstored.set(span, 0);
      this.#chars += (span.draft.input?.length ?? 0) + (span.draft.output?.length ?? 0);
      isNew = true;
    }
    return isNew;
  }

  /** The record of a span for the update that is made. */
  #record(span: SpanNode): CapturedSpan {
    this.#unstored.set(span, this.#last);
    const watched = this.#watched.size > 0 ? this.#watched.get(span) : undefined;
    const record = spanSoFar(span, watched?.output);
    if (isFinal(span)) this.#watched.delete(span);
    else if (watched !== undefined) watched.sent = record;
    return record;
  }
}

function lookAtOutput(span: SpanNode, watched: Watched, now: number): void {
  if (span.progress === undefined || now < watched.outputAt) return;
  watched.output = span.progress();
  watched.outputAt = now + Math.max(progressMs, (performance.now() - now) / progressShare);
}

/** The cost of a span that has ended is estimated once; the record of the span keeps it. */
function price(span: SpanNode): void {
  const { tokenUsage, cost } = span.draft;
  if (tokenUsage === undefined || cost !== undefined) return;
  const [priced] = span.recorder.priced?.({ spans: [span.draft] }).spans ?? [];
  if (priced !== undefined) span.draft.cost = priced.cost;
}

/** The fields that may still change: those of a trace, and those of a span that is open or whose parent is a guess. */
const headFields = ['input', 'output', 'metadata'] as const;
const spanFields = [
  ...(['parentSpanId', 'endedAt', 'status', 'error', 'completionStartTime', 'model'] as const),
  ...(['input', 'output', 'metadata', 'modelParameters', 'tokenUsage', 'cost'] as const),
];

function isSame<T extends object>(before: T | undefined, now: T, fields: readonly (keyof T)[]): boolean {
  return before !== undefined && fields.every((field) => before[field] === now[field]);
}
