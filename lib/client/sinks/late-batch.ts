import { clearTimeout, setTimeout } from '../../common/real-time.js';
import { maxSpansPerRequest } from '../../model/limits.js';
import type { CapturedLateSpans, CapturedSpan } from '../../model/records.js';

/** Longest time that a late span waits for others of its trace, in milliseconds. */
const longestWaitMs = 50;
/** Most characters that wait here, because the queue's bounds do not count them. */
const maxChars = 1_000_000;

/** Collects late spans of a trace that end at about the same time, so that they become one item and one request. */
export class LateBatch {
  readonly #handOver: (record: CapturedLateSpans) => void;
  readonly #spans = new Map<string, CapturedSpan[]>();
  /** Ids of those traces that belong to another process. */
  readonly #remote = new Set<string>();
  #chars = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(handOver: (record: CapturedLateSpans) => void) {
    this.#handOver = handOver;
  }

  add({ traceId, spans, isRemote }: CapturedLateSpans): void {
    if (isRemote === true) this.#remote.add(traceId);
    const waiting = this.#spans.get(traceId);
    if (waiting === undefined) this.#spans.set(traceId, [...spans]);
    else for (const span of spans) waiting.push(span);
    for (const { input, output, metadata } of spans) {
      this.#chars += (input?.length ?? 0) + (output?.length ?? 0) + (metadata?.length ?? 0);
    }
    if ((waiting?.length ?? 0) >= maxSpansPerRequest || this.#chars > maxChars) this.handOver();
    else this.#timer ??= setTimeout(() => this.handOver(), longestWaitMs).unref();
  }

  /** Hands over all waiting spans. */
  handOver(): void {
    if (this.#spans.size === 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#chars = 0;
    const records = [...this.#spans];
    const remote = new Set(this.#remote);
    this.#spans.clear();
    this.#remote.clear();
    for (const [traceId, spans] of records) this.#handOver({ traceId, spans, isRemote: remote.has(traceId) });
  }
}
