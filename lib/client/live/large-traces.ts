import { v8 } from '../../common/builtins.js';
import { errorName } from '../../common/error-text.js';
import type { Log } from '../../common/log.js';
import { clearTimeout, setTimeout } from '../../common/real-time.js';
import { isFinal, traceSoFar } from '../../engine/so-far.js';
import type { SpanNode } from '../../engine/span-node.js';
import type { TraceNode } from '../../engine/trace-node.js';
import type { CapturedSpan, CapturedTrace } from '../../model/records.js';
import { isSentWhileOpen, type OpenTraces } from './live-traces.js';

/**
 * A trace is large if it has this many spans, or if the inputs, outputs and metadata of its ended spans have about this many bytes, or
 * this share of the queue's bytes.
 */
const largeSpans = 5000;
const largeBytes = 8_000_000;
const queueShare = 1 / 3;
/** Most handles of a large trace that may be open at once; the oldest of more are taken for abandoned. */
const maxHandles = 10_000;
/** How often open traces are looked at, in milliseconds. */
const checkMs = 2000;
/** It is not worth a request to release fewer bytes of a trace. */
const leastReleased = 10_000;
/** The part of the heap that the values of all open traces may take. */
const heapShare = 1 / 8;

function mostHeldBytes(): number {
  try {
    return v8().getHeapStatistics().heap_size_limit * heapShare;
  } catch {
    return Number.POSITIVE_INFINITY; // a runtime that does not tell
  }
}

/** Gets the parts of large traces. */
export interface PartReceiver {
  /** Sends a part of the open trace `of`. The spans in it are no longer in the trace. */
  sendPart?(part: CapturedTrace, of: TraceNode): void;
}

/** The size of an open trace so far. */
interface Size {
  /** The number of spans that were looked at. */
  seen: number;
  /** Those of them that were open: what they get until their end is not counted yet. */
  open: SpanNode[];
  /** The bytes of the others. */
  bytes: number;
}

/**
 * Sends the ended spans of large open traces ahead, and releases them. Otherwise a trace that never ends, such as that of a
 * program's main loop, would take more and more memory, and its record could become larger than the queue.
 *
 * If many small traces take too much memory together, their ended spans are sent ahead, too, those of the oldest traces first. If that
 * is not enough, the oldest traces of `startTrace` are taken for abandoned. Those of callbacks are not: they end with the callback.
 *
 * ```
 *  trace.spans   s1 s2 s3 s4 s5 …        large ──> s1 s2 s4, ended, in a part of the trace, with its state so far
 *                      │     │
 *                      └─────┴── open ──> stay, and go with the next part or with the trace's own record
 * ```
 *
 * Invariants:
 *  - a part is an ordinary item: counted, kept, tried again, on disk with a spool;
 *  - each span is in one part, or in the trace's own record, which is the last;
 *  - recording a span does nothing for this: large traces are found by looking, which reads each span until it has ended.
 */
export class LargeTraces {
  readonly #log: Log;
  readonly #largeBytes: number;
  readonly #mostHeld: number;
  /** The open traces of each client, and what gets their parts. */
  readonly #clients = new Map<OpenTraces, readonly PartReceiver[]>();
  readonly #sizes = new WeakMap<TraceNode, Size>();
  #timer: NodeJS.Timeout | undefined;

  /** @param mostHeld - most bytes that all open traces may hold @defaultValue an eighth of the heap's limit */
  constructor(log: Log, maxQueueBytes: number, mostHeld = mostHeldBytes()) {
    this.#log = log;
    this.#largeBytes = Math.min(largeBytes, maxQueueBytes * queueShare);
    this.#mostHeld = mostHeld;
  }

  /** A trace was opened; it is among `open`, the open traces of its client, whose parts go to all of `receivers`. */
  opened(open: OpenTraces, receivers: readonly PartReceiver[]): void {
    this.#clients.set(open, receivers);
    this.#timer ??= setTimeout(() => this.#timed(), checkMs).unref();
  }

  /** No trace is open any more, and none will be. Until it fires, the timer would keep the delivery and its queue in memory. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Runs the timer's work. If it fails, the program must not notice; large traces are then sent when they end. */
  #timed(): void {
    this.#timer = undefined;
    try {
      let held = 0;
      for (const [open, receivers] of this.#clients) {
        if (open.size === 0) this.#clients.delete(open);
        for (const trace of open.values()) {
          const size = this.#sizeOf(trace);
          held += heldBytes(trace, size);
          if (this.#isLarge(trace.spans.length, size.bytes)) held -= this.#send(trace, receivers);
        }
      }
      if (held > this.#mostHeld) this.#release(held - this.#mostHeld);
      if (this.#clients.size > 0) this.#timer = setTimeout(() => this.#timed(), checkMs).unref();
    } catch (error) {
      this.#clients.clear();
      this.#log.warn('large traces', `an open trace could not be sent in parts: ${errorName(error)} was thrown`);
    }
  }

  /** The size of an open trace now: adds the spans that were opened or have ended since the last look. */
  #sizeOf(trace: TraceNode): Size {
    const { spans } = trace;
    const size: Size = this.#sizes.get(trace) ?? { seen: 0, open: [], bytes: 0 };
    if (size.seen === 0) this.#sizes.set(trace, size);
    const isOpen = (span: SpanNode) => {
      if (span.ended) size.bytes += bytesOf(span);
      return !span.ended;
    };
    size.open = size.open.filter(isOpen);
    for (; size.seen < spans.length; size.seen += 1) {
      const span = spans[size.seen] as SpanNode; // in range
      if (isOpen(span)) size.open.push(span);
    }
    return size;
  }

  #isLarge(spans: number, bytes: number): boolean {
    return spans >= largeSpans || bytes >= this.#largeBytes;
  }

  /** Releases about so many bytes. */
  #release(bytes: number): void {
    let left = bytes;
    for (const [open, receivers] of this.#clients)
      for (const trace of open.values())
        if (left > 0 && this.#sizeOf(trace).bytes >= leastReleased) left -= this.#send(trace, receivers);
    for (const open of this.#clients.keys()) {
      for (const trace of [...open.values()]) {
        if (left <= 0) return;
        const held = heldBytes(trace, this.#sizeOf(trace));
        if (!trace.isHandle || held < leastReleased) continue;
        left -= held;
        this.#log.warn(
          'open traces',
          'open traces hold too much memory; the oldest that nobody has ended is sent as it is',
        );
        trace.giveUp('never ended');
      }
    }
  }

  /**
   * Sends the ended spans of a trace, in several parts if there are many, and releases them. Does nothing if the trace is not sent while
   * it is open.
   * @returns the number of bytes released
   */
  #send(trace: TraceNode, receivers: readonly PartReceiver[]): number {
    if (!isSentWhileOpen(trace)) return 0;
    this.#sizes.delete(trace);
    endAbandoned(trace.spans.filter(({ ended, isHandle }) => isHandle && !ended));
    const left = trace.spans.filter((span) => !isFinal(span));
    const ended = trace.spans.filter(isFinal);
    if (ended.length === 0) return 0;
    trace.spans = left;
    let spans: CapturedSpan[] = [];
    let bytes = 0;
    let released = 0;
    for (const [at, span] of ended.entries()) {
      spans.push(span.handOver(trace.now()));
      span.letGo();
      bytes += bytesOf(span);
      if (at + 1 < ended.length && !this.#isLarge(spans.length, bytes)) continue;
      const unpriced = { ...traceSoFar(trace), spans };
      const part = trace.recorder.priced?.(unpriced) ?? unpriced;
      for (const receiver of receivers) receiver.sendPart?.(part, trace);
      released += bytes;
      spans = [];
      bytes = 0;
    }
    return released;
  }
}

function endAbandoned(handles: readonly SpanNode[]): void {
  for (const span of handles.slice(0, -maxHandles)) {
    span.fail('never ended');
    span.end();
  }
}

/** About the bytes that an open trace holds. Those that may still change are counted as characters, which takes less time. */
function heldBytes(trace: TraceNode, { bytes, open }: Size): number {
  return open.reduce((sum, { draft }) => sum + charsOf(draft), bytes + charsOf(trace));
}

function charsOf({ input, output }: Pick<CapturedSpan, 'input' | 'output'>): number {
  return (input?.length ?? 0) + (output?.length ?? 0);
}

function bytesOf({ draft: { input, output, metadata }, moreMetadata }: SpanNode): number {
  let bytes = 0;
  for (const text of [input, output, moreMetadata?.mergedInto(metadata) ?? metadata])
    if (text !== undefined) bytes += Buffer.byteLength(text);
  return bytes;
}
