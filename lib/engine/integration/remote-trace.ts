import { maxSpansPerRequest } from '../../model/limits.js';
import type { CapturedSpan } from '../../model/records.js';
import { emptyFrame, type Frame } from '../frame.js';
import { callbackFrame } from '../frames-of-node.js';
import type { Recorder } from '../recorder.js';
import type { RemoteContext } from '../remote-origin.js';
import { SpanNode, type SpanOpening } from '../span-node.js';
import { keepLate, TraceNode } from '../trace-node.js';

/**
 * The part of another process's trace that runs here. Its spans are handed over as late spans, all together when the last open
 * one has ended.
 */
class RemoteTrace extends TraceNode {
  #open = 0;
  #waiting: CapturedSpan[] = [];

  constructor(recorder: Recorder, name: string, remoteId: string) {
    const none = { isHandle: false, outside: emptyFrame, sessionId: undefined, userId: undefined, tags: [] };
    super(recorder, { name, remoteId, ...none });
    this.ended = true; // there is nothing here to end
  }

  override open(parent: SpanNode | undefined, opening: SpanOpening): SpanNode {
    const span = new SpanNode(this, parent, opening);
    this.#open += 1;
    keepLate(span, this.recorder);
    return span;
  }

  override spanEnded(span: SpanNode): void {
    this.recorder.openLate?.delete(span);
    this.#open -= 1;
    this.#waiting.push(span.lateRecord());
    if (this.#open === 0 || this.#waiting.length === maxSpansPerRequest) this.#handOver();
  }

  override handOverOpen(span: SpanNode): void {
    this.#handOver();
    super.handOverOpen(span);
  }

  #handOver(): void {
    const spans = this.#waiting;
    this.#waiting = [];
    if (spans.length > 0) this.late(spans);
  }

  protected override late(spans: readonly CapturedSpan[]): void {
    this.recorder.late({ traceId: this.traceId, spans, isRemote: true });
  }
}

/** The frame in which a span or the trace of another process is current. `name` names the part that runs here. */
export function remoteFrame(recorder: Recorder, name: string, { traceId, spanId }: RemoteContext): Frame {
  const trace = new RemoteTrace(recorder, name, traceId);
  return callbackFrame(spanId === undefined ? trace : remoteSpan(trace, spanId), emptyFrame);
}

/** A span of another process as a parent. It is never handed over. */
export function remoteSpan(trace: TraceNode, spanId: string): SpanNode {
  const span = new SpanNode(trace, undefined, { name: '', kind: 'OTHER', isHandle: false, hasExplicitParent: true });
  span.draft.spanId = spanId;
  span.ended = true;
  return span;
}
